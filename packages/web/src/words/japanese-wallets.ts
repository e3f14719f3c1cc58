import type { englishWallets } from "./english-wallets.ts";

/** Words about wallets of the browser, which sign for themselves. */
export const japaneseWallets: typeof englishWallets = {
  walletsOfNode: "このノード",
  walletsOfBrowser: "このブラウザー",
  noWalletOutside: (name) =>
    `このノードにはまだウォレットがありません。${name} にお金を置けますが、取引するのはノードのウォレットだけです。`,
  signsNode: (wallet) => `このノードがウォレット ${wallet} で署名します。`,
  signsOutside: (wallet) => `署名するのは ${wallet} です。支払いをもう一度表示し、確認を求めます。`,
  continueIn: (wallet) => `${wallet} で続ける`,
  connectTo: (wallet) => `${wallet} を接続`,
  disconnectFrom: (wallet) => `${wallet} の接続を解除`,
  outsideNotConnected: (wallet) => `${wallet} は接続されていません`,
  outsideNotConnectedHint: (wallet) =>
    `どのアカウントをこのページに見せるか、${wallet} が尋ねます。見せるだけで、支払いのたびに改めて確認されます。`,
  outsideAddress: (wallet) => `${wallet} のアドレス`,
  whoSigns: "だれが何に署名するか",
  whoSignsOutside: (wallet) =>
    `このアカウントの鍵は ${wallet} にあり、支払いには ${wallet} が署名します。このノードは残高をネットワークから読み、支払いを準備するだけで、署名はできません。`,
  whoSignsNode:
    "取引に署名するのは、このノードのウォレットです。ロック解除中は、1 分間に何度も自動で支払い、受け取ります。入れておくのは少額にしてください。",
  outsideOnChain: (wallet, network) => `${wallet} は ${network} に接続中です。`,
  outsideOtherChain: (wallet, network) =>
    `${wallet} は別のネットワークに接続中です。署名の前に、${network} への切り替えを求められます。`,
  switchChain: (wallet) => `${wallet} を切り替える`,
  chainElsewhere:
    "このチェーンはノードのコンピューターで動き、そこからしか届きません。このブラウザーのウォレットからは届きません。",
  showBttIn: (wallet) => `${wallet} に BTT を表示`,
  historySince: (block, wallet) =>
    `ブロック ${block} 以降だけを表示しています。それより前は ${wallet} やネットワークのエクスプローラーで確認できます。`,
  outsideRejected: (wallet) => `${wallet} で拒否されました。何も署名されていません。`,
  outsideAlreadyAsked: (wallet) => `${wallet} はすでに返事を待っています。開いて答えてください。`,
  outsideUnknownChain: (wallet) =>
    `${wallet} はこのネットワークを知りません。自分の RPC アドレスで、手動で追加してください。`,
  outsideFailed: (wallet, message) =>
    message === "" ? `${wallet} は実行しませんでした。` : `${wallet} からの応答: ${message}`,
  yourWallets: "自分のウォレット",
  ofNode: (wallet) => `${wallet} (このノード)`,
  ofBrowser: (wallet) => `${wallet} (このブラウザー)`,
  fund: "入金",
  fundThis: (wallet) => `${wallet} に入金`,
  fundFrom: (wallet, from) => `${from} から ${wallet} に入金`,
  fundHint:
    "このブラウザーのウォレットからこのノードのウォレットへ送ります。ノードはそれでダウンロードの支払いをします。残りはいつでも送り返せます。",
  outsideEmpty: "入金に使えるお金がありません。",
  walletModeOutside: "このブラウザーのウォレットを使う",
  walletModeOutsideHint: (names) =>
    `${names} があります。ノードは数秒ごとに支払い、そのたびには確認できないため、小さなウォレットを別に持ちます。そこへ入金し、収益はそこから送り返せます。`,
  outsideChosen: (wallet) => `${wallet} を接続しました`,
  fundNow: (wallet) => `${wallet} から入金`,
  fundLater: "あとで",
  fundStep: (wallet) =>
    `ノードのウォレットができました。支払いと受け取りは自動です。入金は ${wallet} から行い、連絡先にも登録したので、収益も迷わず送り返せます。`,
};
