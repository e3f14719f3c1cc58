import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { createProvider, type Page, type ShoalProvider } from "@shoal/api/provider";
import { BrowserProvider } from "ethers";
import {
  createPublicClient,
  createWalletClient,
  custom,
  erc20Abi,
  getAddress,
  type Hex,
  parseEther,
  recoverMessageAddress,
  recoverTypedDataAddress,
} from "viem";
import { createSiweMessage } from "viem/siwe";
import {
  ADDRESS,
  openSiteScene,
  type SiteScene,
  WALLET_PASSWORD,
} from "../../packages/node/src/testing/site-scene.ts";

const BOB = getAddress(`0x${"b0".repeat(20)}`);

/** Programs of others, as they are, with the daemon's wallet in the place of a browser's. */
suite("libraries of web sites over the daemon's wallet", () => {
  let scene: SiteScene;
  const providers: ShoalProvider[] = [];

  before(async () => {
    scene = await openSiteScene();
    const { client } = scene.test;
    await client.call("unlockWallet", { name: "main", password: WALLET_PASSWORD });
    await client.call("askFaucet", { name: "main", account: 0 });
  });
  after(async () => {
    for (const provider of providers) provider.close();
    await scene.close();
  });

  function open(origin: string): ShoalProvider {
    const page: Page = {
      fetch: (input, init) => {
        const headers = new Headers(init?.headers);
        headers.set("origin", origin);
        return fetch(input, { ...init, headers });
      },
    };
    const provider = createProvider({ url: scene.test.daemon.url, page });
    providers.push(provider);
    return provider;
  }

  /** The user says yes to what comes next. */
  async function allowing<T>(asked: Promise<T>): Promise<T> {
    const request = await Promise.race([scene.waiting(), asked.then(() => null)]);
    if (request !== null) {
      const { id } = request;
      await scene.test.client.call("answerSiteRequest", { id, isAllowed: true });
    }
    return await asked;
  }

  test("viem connects, reads, pays, calls contracts and signs", async () => {
    const transport = custom(open("https://viem.example"));
    const wallet = createWalletClient({ transport });
    const reader = createPublicClient({ transport, pollingInterval: 50 });
    const [account = assert.fail()] = await allowing(wallet.requestAddresses());
    assert.equal(account, ADDRESS);
    const id = await reader.getChainId();
    const nativeCurrency = { name: "Ether", symbol: "ETH", decimals: 18 };
    const chain = { id, name: "embedded", nativeCurrency, rpcUrls: { default: { http: [] } } };

    const hash = await allowing(
      wallet.sendTransaction({ account, chain, to: BOB, value: parseEther("0.5") }),
    );
    const receipt = await reader.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, "success");
    assert.equal(await reader.getBalance({ address: BOB }), parseEther("0.5"));

    const [btt = assert.fail()] = (await scene.test.client.call("getBalances", { name: "main" }))
      .balances;
    assert.equal(btt.symbol, "BTT");
    const token = { address: await bttAddress(scene), abi: erc20Abi } as const;
    const written = await allowing(
      wallet.writeContract({
        ...{ ...token, account, chain, functionName: "transfer" },
        args: [BOB, parseEther("2")],
      }),
    );
    await reader.waitForTransactionReceipt({ hash: written });
    const balance = await reader.readContract({
      ...{ ...token, functionName: "balanceOf" },
      args: [BOB],
    });
    assert.equal(balance, parseEther("2"));

    const message = createSiweMessage({
      ...{ address: account, chainId: id, domain: "viem.example", nonce: "abcdefgh12" },
      ...{ uri: "https://viem.example/login", version: "1", statement: "Let me in." },
    });
    const asked = wallet.signMessage({ account, message });
    const { id: requestId, lines, warnings } = await scene.waiting();
    assert.deepEqual(warnings, []);
    assert.deepEqual(lines[0], { label: "domain", value: "viem.example" });
    await scene.test.client.call("answerSiteRequest", { id: requestId, isAllowed: true });
    const signature = await asked;
    assert.equal(await recoverMessageAddress({ message, signature }), account);

    const typed = {
      domain: { name: "Shop", version: "1", chainId: id, verifyingContract: BOB },
      types: { Order: [{ name: "price", type: "uint256" }] },
      primaryType: "Order",
      message: { price: 5n },
    } as const;
    const signed = await allowing(wallet.signTypedData({ account, ...typed }));
    assert.equal(await recoverTypedDataAddress({ ...typed, signature: signed }), account);
    await assert.rejects(wallet.switchChain({ id: 0xabcdef }), /knows no chain|4902|Unrecognized/);
  });

  test("ethers connects, pays and signs", async () => {
    const provider = new BrowserProvider(open("https://ethers.example"), undefined, {
      ...{ cacheTimeout: -1, pollingInterval: 50 },
    });
    const signer = await allowing(provider.getSigner());
    assert.equal(signer.address, ADDRESS);
    const before = await provider.getBalance(BOB);
    const sent = await allowing(signer.sendTransaction({ to: BOB, value: 7n }));
    assert.equal((await sent.wait())?.status, 1);
    assert.equal(await provider.getBalance(BOB), before + 7n);
    const message = "hello from ethers";
    const signature = (await allowing(signer.signMessage(message))) as Hex;
    assert.equal(await recoverMessageAddress({ message, signature }), ADDRESS);
    const { chainId } = await provider.getNetwork();
    const domain = { name: "Shop", chainId, verifyingContract: BOB };
    const types = { Order: [{ name: "price", type: "uint256" }] };
    const typed = (await allowing(signer.signTypedData(domain, types, { price: 5n }))) as Hex;
    const recovered = await recoverTypedDataAddress({
      ...{ domain, types, primaryType: "Order", message: { price: 5n }, signature: typed },
    });
    assert.equal(recovered, ADDRESS);
    provider.destroy();
  });
});

async function bttAddress({ test: { daemon } }: SiteScene): Promise<Hex> {
  const { network } = await daemon.core.money.networks.open("embedded");
  const asset = network.info.btt?.asset;
  return asset?.kind === "token" ? asset.address : assert.fail();
}
