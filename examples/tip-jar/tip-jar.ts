/**
 * A small decentralised application, complete: it finds wallets, connects to one, reads a balance, has a tip in BTT
 * signed and sent, a sign-in and a note signed, and follows what the wallet tells it.
 */
import {
  type Address,
  createPublicClient,
  createWalletClient,
  custom,
  erc20Abi,
  formatUnits,
  getAddress,
  isAddress,
  parseUnits,
  recoverMessageAddress,
  recoverTypedDataAddress,
} from "viem";
import { createSiweMessage, generateSiweNonce } from "viem/siwe";
import { plainWords } from "./plain-words.ts";
import { findWallets, loadShoal, type Wallet } from "./wallets.ts";

/** Where BTT is on every embedded chain of Shoal. On another network: `?token=0x...`. */
const EMBEDDED_BTT = "0xBDFe0Bc11D8c71C392cfEd12e10a2e0F08855eF4";
const options = new URLSearchParams(location.search);
const token = getAddress(options.get("token") ?? EMBEDDED_BTT);

/** The wallet that was chosen, and the account that it shows this page. */
let connected: { readonly wallet: Wallet; readonly address: Address } | null = null;

/** Speaks to the chain through the wallet: what is read is what its node says. */
function clients({ wallet }: { readonly wallet: Wallet }) {
  const transport = custom(wallet.provider);
  return {
    chain: createPublicClient({ transport, pollingInterval: 1000 }),
    signer: createWalletClient({ transport }),
  };
}

async function connect(wallet: Wallet): Promise<void> {
  const [address] = await wallet.provider.request({ method: "eth_requestAccounts" });
  listen(wallet);
  await show(wallet, address);
  say(`Connected to ${wallet.info.name}.`);
}

const heard = new Set<Wallet>();

/** A wallet is not only asked: it tells, when its user goes to another account or chain. */
function listen(wallet: Wallet): void {
  if (heard.has(wallet)) return;
  heard.add(wallet);
  const isMine = (): boolean => connected === null || connected.wallet === wallet;
  wallet.provider.on("accountsChanged", (addresses) => {
    if (!isMine()) return;
    say(
      addresses.length === 0
        ? "The wallet has disconnected this page."
        : `Account: ${addresses[0]}.`,
    );
    attempt(async () => show(wallet, addresses[0]));
  });
  wallet.provider.on("chainChanged", (chainId) => {
    if (!isMine()) return;
    say(`Network: chain ${BigInt(chainId)}.`);
    attempt(async () => show(wallet, connected?.address));
  });
  wallet.provider.on("disconnect", () => {
    if (isMine()) say("The wallet has lost its connection.");
  });
}

/** Draws who is connected, and what they have. */
async function show(wallet: Wallet, address: Address | undefined): Promise<void> {
  connected = address === undefined ? null : { wallet, address: getAddress(address) };
  for (const id of ["account", "tip", "signing"]) element(id).hidden = connected === null;
  if (connected === null) return;
  element("address").textContent = connected.address;
  const { chain } = clients(connected);
  element("network").textContent = `chain ${await chain.getChainId()}`;
  element("balance").textContent = "…";
  const code = await chain.getCode({ address: token });
  element("balance").textContent =
    code === undefined ? "BTT is not on this network" : `${await readBalance()} BTT`;
}

async function readBalance(): Promise<string> {
  const { address } = connected!;
  const { chain } = clients(connected!);
  const btt = { address: token, abi: erc20Abi } as const;
  const [units, decimals] = await Promise.all([
    chain.readContract({ ...btt, functionName: "balanceOf", args: [address] }),
    chain.readContract({ ...btt, functionName: "decimals" }),
  ]);
  return formatUnits(units, decimals);
}

/** A call of the token's contract: the wallet shows what it would do, and sends it when its user agrees. */
async function tip(to: string, amount: string): Promise<void> {
  const { address, wallet } = connected!;
  const { chain, signer } = clients(connected!);
  if (!isAddress(to)) throw new Error(`${to} is no address, or a letter of it is wrong.`);
  const hash = await signer.writeContract({
    ...{ address: token, abi: erc20Abi, functionName: "transfer" },
    args: [to, parseUnits(amount, 18)],
    account: address,
    chain: null,
  });
  say(`On its way: ${hash}.`);
  const { status, blockNumber } = await chain.waitForTransactionReceipt({ hash });
  say(status === "success" ? `The tip is in block ${blockNumber}.` : "The token refused the tip.");
  await show(wallet, address);
}

/** Proves whose account it is. A site with a server has it check the message, its nonce above all. @see EIP-4361 */
async function signIn(): Promise<void> {
  const { address } = connected!;
  const { chain, signer } = clients(connected!);
  const message = createSiweMessage({
    address,
    chainId: await chain.getChainId(),
    domain: location.host,
    uri: location.origin,
    version: "1",
    nonce: generateSiweNonce(),
    issuedAt: new Date(),
    statement: "Sign in to the tip jar.",
  });
  const signature = await signer.signMessage({ account: address, message });
  const who = await recoverMessageAddress({ message, signature });
  say(who === address ? `Signed in as ${who}.` : "The signature is somebody else's.");
}

/** Signs data that people can read in the wallet. @see EIP-712 */
async function signNote(): Promise<void> {
  const { address } = connected!;
  const { chain, signer } = clients(connected!);
  const note = {
    domain: { name: "Tip jar", version: "1", chainId: await chain.getChainId() },
    types: {
      Note: [
        { name: "from", type: "address" },
        { name: "text", type: "string" },
      ],
    },
    primaryType: "Note",
    message: { from: address, text: "Thank you for seeding!" },
  } as const;
  const signature = await signer.signTypedData({ account: address, ...note });
  const who = await recoverTypedDataAddress({ ...note, signature });
  say(who === address ? "The note is signed." : "The signature is somebody else's.");
}

async function leave(): Promise<void> {
  const { wallet } = connected!;
  await wallet.provider.request({
    method: "wallet_revokePermissions",
    params: [{ eth_accounts: {} }],
  });
  await show(wallet, undefined);
  say("Disconnected.");
}

/** Whatever others say (wallets' names, errors) goes in as text, never as HTML. */
function say(text: string, isBad = false): void {
  const line = document.createElement("p");
  line.textContent = text;
  line.className = isBad ? "bad" : "";
  element("log").prepend(line);
}

function attempt(work: () => Promise<void>): void {
  work().catch((error: unknown) => say(plainWords(error), true));
}

function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}

function offer(wallet: Wallet): void {
  const button = document.createElement("button");
  button.type = "button";
  const icon = document.createElement("img");
  icon.alt = "";
  if (wallet.info.icon.startsWith("data:image/")) icon.src = wallet.info.icon;
  button.append(icon, wallet.info.name);
  button.addEventListener("click", () => attempt(async () => connect(wallet)));
  const item = document.createElement("li");
  item.append(button);
  element("wallets").append(item);
}

element("leave").addEventListener("click", () => attempt(leave));
element("sign-in").addEventListener("click", () => attempt(signIn));
element("sign-note").addEventListener("click", () => attempt(signNote));
const [to, amount] = ["to", "amount"].map((name) => element(name) as HTMLInputElement);
to!.value = options.get("to") ?? "";
element("tip").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => tip(to!.value.trim(), amount!.value.trim()));
});
findWallets(offer);
loadShoal(options.get("shoal") ?? "http://127.0.0.1:9550");
