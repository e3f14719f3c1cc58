/** Words about wallets of the browser, which sign for themselves. */
export const englishWallets = {
  walletsOfNode: "This node",
  walletsOfBrowser: "This browser",
  noWalletOutside: (name: string) =>
    `This node has no wallet yet. ${name} can hold your money, but only a wallet of the node trades.`,
  signsNode: (wallet: string) => `This node signs, with its wallet ${wallet}.`,
  signsOutside: (wallet: string) =>
    `${wallet} signs: it shows the payment again and asks you there.`,
  continueIn: (wallet: string) => `Continue in ${wallet}`,
  connectTo: (wallet: string) => `Connect ${wallet}`,
  disconnectFrom: (wallet: string) => `Disconnect ${wallet}`,
  outsideNotConnected: (wallet: string) => `${wallet} is not connected`,
  outsideNotConnectedHint: (wallet: string) =>
    `${wallet} will ask which account this page may see. Seeing is all: it asks you again for every payment.`,
  outsideAddress: (wallet: string) => `Address in ${wallet}`,
  whoSigns: "Who signs what",
  whoSignsOutside: (wallet: string) =>
    `${wallet} has the keys of this account and signs its payments itself. This node reads balances from the network and prepares payments; it cannot sign here.`,
  whoSignsNode:
    "Trading is signed by a wallet of this node: it pays and is paid many times a minute, by itself, while it is unlocked. Keep little in it.",
  outsideOnChain: (wallet: string, network: string) => `${wallet} is on ${network}.`,
  outsideOtherChain: (wallet: string, network: string) =>
    `${wallet} is on another network. It will ask you to switch to ${network} before it signs.`,
  switchChain: (wallet: string) => `Switch ${wallet}`,
  chainElsewhere:
    "This chain runs on the machine of the node, and is reached there only. A wallet in this browser cannot reach it from here.",
  showBttIn: (wallet: string) => `List BTT in ${wallet}`,
  historySince: (block: string, wallet: string) =>
    `Only what came since block ${block} is listed. ${wallet} and the network's explorer know the rest.`,
  outsideRejected: (wallet: string) => `You said no in ${wallet}. Nothing was signed.`,
  outsideAlreadyAsked: (wallet: string) =>
    `${wallet} is waiting for an answer already: open it and answer there.`,
  outsideUnknownChain: (wallet: string) =>
    `${wallet} does not know this network. Add it there by hand, with an RPC address of yours.`,
  outsideFailed: (wallet: string, message: string) =>
    message === "" ? `${wallet} did not do it.` : `${wallet} says: ${message}`,
  yourWallets: "Your own wallets",
  ofNode: (wallet: string) => `${wallet}, on this node`,
  ofBrowser: (wallet: string) => `${wallet}, in this browser`,
  fund: "Fund",
  fundThis: (wallet: string) => `Fund ${wallet}`,
  fundFrom: (wallet: string, from: string) => `Fund ${wallet} from ${from}`,
  fundHint:
    "Money goes from a wallet of this browser to this node's wallet, which pays for downloads with it. What is left can be sent back at any time.",
  outsideEmpty: "Nothing is there to fund it with.",
  walletModeOutside: "Use the wallet of this browser",
  walletModeOutsideHint: (names: string) =>
    `You have ${names}. The node still gets a small wallet of its own, since it pays every few seconds and cannot ask each time; you fund it from there, and send earnings back there.`,
  outsideChosen: (wallet: string) => `${wallet} is connected`,
  fundNow: (wallet: string) => `Fund it from ${wallet}`,
  fundLater: "Later",
  fundStep: (wallet: string) =>
    `Your node's wallet is ready. It pays and is paid by itself; ${wallet} funds it, and is listed among its contacts, so that earnings find the way back.`,
};
