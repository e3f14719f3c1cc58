import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { english } from "../words/words.ts";
import { type ChainForWallets, describeWalletError, goToChain } from "./outside-account.ts";

const network: ChainForWallets = {
  chain: {
    chainId: "0x10000000001",
    chainName: "a chain",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: ["http://127.0.0.1:8545"],
    blockExplorerUrls: [],
  },
  btt: null,
  canAskFaucet: true,
};

const UNKNOWN = Object.assign(new Error("Unrecognized chain"), { code: 4902 });
/** As wallets on phones say it. */
const WRAPPED = Object.assign(new Error("Internal"), {
  code: -32603,
  data: { originalError: { code: 4902 } },
});

/** A wallet that knows some chains, and what it was asked. */
function walletOn(first: string, known: string[], unknown: Error = UNKNOWN, goesToAdded = false) {
  let chainId = first;
  const asked: unknown[] = [];
  const request = async ({ method, params }: { method: string; params?: unknown }) => {
    const [named] = (params ?? []) as { readonly chainId: string }[];
    if (method === "eth_chainId") return chainId;
    asked.push([method, named]);
    if (method === "wallet_addEthereumChain") known.push(named!.chainId);
    else if (!known.includes(named!.chainId)) throw unknown;
    if (method === "wallet_switchEthereumChain" || goesToAdded) chainId = named!.chainId;
    return null;
  };
  const wallet = {
    uuid: first + known.join(),
    name: "A wallet",
    icon: null,
    provider: { request },
  };
  return { wallet, methods: () => asked.map((each) => (each as [string])[0]), asked };
}

const SWITCH = "wallet_switchEthereumChain";
const ADD = "wallet_addEthereumChain";

suite("a wallet of the browser goes to a chain", () => {
  test("where it is there already, it is asked nothing", async () => {
    const { wallet, methods } = walletOn("0x010000000001", []);
    await goToChain(wallet, network);
    assert.deepEqual(methods(), []);
  });

  test("EIP-3326: a chain that it knows is switched to", async () => {
    const { wallet, methods } = walletOn("0x1", [network.chain.chainId]);
    await goToChain(wallet, network);
    assert.deepEqual(methods(), [SWITCH]);
  });

  test("EIP-3085: another is added first, and switched to where adding did not", async () => {
    for (const unknown of [UNKNOWN, WRAPPED]) {
      const { wallet, methods, asked } = walletOn("0x1", [], unknown);
      await goToChain(wallet, network);
      assert.deepEqual(methods(), [SWITCH, ADD, SWITCH]);
      const { blockExplorerUrls: _, ...added } = network.chain;
      assert.deepEqual(asked[1], [ADD, added], "an empty list is left out");
    }
    const { wallet, methods } = walletOn("0x1", [], UNKNOWN, true);
    await goToChain(wallet, network);
    assert.deepEqual(methods(), [SWITCH, ADD]);
  });

  test("without an address of the chain there is nothing to add, and that is said", async () => {
    const { wallet } = walletOn("0x1", []);
    const nowhere = { ...network, chain: { ...network.chain, rpcUrls: [] } };
    await assert.rejects(goToChain(wallet, nowhere), { code: 4902 });
    assert.equal(describeWalletError(UNKNOWN, wallet), english.outsideUnknownChain("A wallet"));
  });

  test("EIP-1193: a no is said as one, and other words of a wallet are shown as its own", () => {
    const { wallet } = walletOn("0x1", []);
    const no = { code: 4001, message: "denied" };
    assert.equal(describeWalletError(no, wallet), english.outsideRejected("A wallet"));
    const waiting = { code: -32002, message: "already pending" };
    assert.equal(describeWalletError(waiting, wallet), english.outsideAlreadyAsked("A wallet"));
    assert.equal(describeWalletError({ message: "no gas" }, wallet), "A wallet says: no gas");
    assert.equal(describeWalletError(null, wallet), "A wallet did not do it.");
  });
});
