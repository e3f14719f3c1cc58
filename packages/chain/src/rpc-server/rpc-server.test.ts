import assert from "node:assert/strict";
import { test } from "node:test";
import { bttAbi, bttArtifact } from "@shoal/contracts";
import { Contract, JsonRpcProvider, Wallet, WebSocketProvider } from "ethers";
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  parseEther,
  publicActions,
  webSocket,
} from "viem";
import {
  balanceOf,
  createEmbeddedFixture,
  type EmbeddedFixture,
  person,
} from "../testing/embedded-fixture.ts";
import type { ChainRpc } from "./serve-chain-rpc.ts";

interface Told<Result> {
  readonly result: Result;
}

const alice = person("alice");
const bob = person("bob");

async function serve(fixture: EmbeddedFixture, options: { readonly blockTimeMs?: number } = {}) {
  const chain = await fixture.open(options);
  const rpc = await fixture.serve(chain);
  await chain.request({ method: "shoal_faucet", params: [alice.address] });
  return { chain, rpc, viemChain: toViemChain(chain.chainId, rpc) };
}

function toViemChain(id: number, { httpUrl, webSocketUrl }: ChainRpc) {
  return defineChain({
    id,
    name: "Shoal embedded",
    nativeCurrency: { name: "Play", symbol: "PLAY", decimals: 18 },
    rpcUrls: { default: { http: [httpUrl], webSocket: [webSocketUrl] } },
  });
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return await fetch(url, { method: "POST", body: text, headers });
}

test("viem sends, reads, simulates, deploys and watches over HTTP", async () => {
  await using fixture = await createEmbeddedFixture();
  const { chain, rpc, viemChain } = await serve(fixture);
  const client = createWalletClient({
    account: alice,
    chain: viemChain,
    transport: http(rpc.httpUrl, { batch: true }),
    pollingInterval: 20,
  }).extend(publicActions);
  const token = { address: chain.bttAddress, abi: bttAbi } as const;
  const seen = Promise.withResolvers<bigint>();
  const unwatch = client.watchContractEvent({
    ...token,
    eventName: "Transfer",
    args: { to: bob.address },
    onLogs: ([log]) => seen.resolve(log!.args.value!),
    onError: seen.reject,
  });
  const hash = await client.sendTransaction({ to: bob.address, value: parseEther("1.5") });
  const receipt = await client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, "success");
  assert.equal(await client.getBalance({ address: bob.address }), parseEther("1.5"));
  // The filter is made by a request of its own, which may come after the transfer.
  for (let amount = 1n; !(await isSettled(seen.promise)); amount++) {
    await client.writeContract({ ...token, functionName: "transfer", args: [bob.address, amount] });
  }
  unwatch();
  assert.ok((await seen.promise) > 0n);
  const tooMuch = client.simulateContract({
    ...token,
    functionName: "transfer",
    args: [bob.address, parseEther("1000000")],
  });
  await assert.rejects(tooMuch, /ERC20InsufficientBalance/);
  const deployed = await client.waitForTransactionReceipt({
    hash: await client.deployContract({
      abi: bttArtifact.abi,
      bytecode: bttArtifact.bytecode,
      args: [[bob.address], [10_000_000_000n * 10n ** 18n]],
    }),
  });
  const supply = await client.readContract({
    address: deployed.contractAddress!,
    abi: bttAbi,
    functionName: "totalSupply",
  });
  assert.equal(supply, 10_000_000_000n * 10n ** 18n);
  assert.equal((await client.getBlock({ blockTag: "finalized" })).number, deployed.blockNumber);
  await assert.rejects(client.sendTransaction({ to: bob.address, value: parseEther("100") }), {
    message: /exceeds the balance|insufficient funds/i,
  });
});

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = {};
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

test("viem is told of blocks and logs over a WebSocket", async () => {
  await using fixture = await createEmbeddedFixture();
  const { chain, rpc, viemChain } = await serve(fixture);
  const socket = createPublicClient({ chain: viemChain, transport: webSocket(rpc.webSocketUrl) });
  const heads = Promise.withResolvers<bigint>();
  const logs = Promise.withResolvers<bigint>();
  const { transport } = socket;
  const newHeads = await transport.subscribe({
    params: ["newHeads"],
    onData: (told) => heads.resolve(BigInt((told as Told<{ number: Hex }>).result.number)),
    onError: heads.reject,
  });
  await transport.subscribe({
    params: ["logs", { address: chain.bttAddress }],
    onData: (told) => logs.resolve(BigInt((told as Told<{ data: Hex }>).result.data)),
    onError: logs.reject,
  });
  await chain.request({ method: "shoal_faucet", params: [bob.address] });
  assert.equal(await heads.promise, BigInt(chain.head.number));
  assert.equal(await logs.promise, 10_000n * 10n ** 18n);
  await newHeads.unsubscribe();
  (await transport.getRpcClient()).close();
});

test("ethers sends, reads and watches over HTTP and a WebSocket", async () => {
  await using fixture = await createEmbeddedFixture();
  const { chain, rpc } = await serve(fixture);
  // ethers takes an account's count of transactions from its cache for a quarter of a second.
  const options = { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 };
  const provider = new JsonRpcProvider(rpc.httpUrl, chain.chainId, options);
  const wallet = new Wallet(`0x${"07".repeat(32)}`, provider);
  await chain.request({ method: "shoal_faucet", params: [wallet.address] });
  const sent = await wallet.sendTransaction({ to: bob.address, value: 3n });
  assert.equal((await sent.wait())?.status, 1);
  assert.equal(await balanceOf(chain, bob.address), 3n);
  const socket = new WebSocketProvider(rpc.webSocketUrl, chain.chainId);
  const token = new Contract(chain.bttAddress, bttAbi, wallet);
  const seen = Promise.withResolvers<bigint>();
  await new Contract(chain.bttAddress, bttAbi, socket).on(
    "Transfer",
    (_from: string, _to: string, amount: bigint) => seen.resolve(amount),
  );
  const transfer = (await token.getFunction("transfer").send(bob.address, 77n)) as typeof sent;
  await transfer.wait();
  assert.equal(await seen.promise, 77n);
  await assert.rejects(
    token.getFunction("transfer").staticCall(bob.address, 10n ** 30n),
    (error: { code: string; revert: { name: string } }) =>
      error.code === "CALL_EXCEPTION" && error.revert.name === "ERC20InsufficientBalance",
  );
  await assert.rejects(wallet.sendTransaction({ to: bob.address, value: 0n, nonce: 0 }), {
    code: "NONCE_EXPIRED",
  });
  await socket.destroy();
  provider.destroy();
});

test("JSON-RPC 2.0: batches, notifications and broken requests are answered as the standard says", async () => {
  await using fixture = await createEmbeddedFixture();
  const { chain, rpc } = await serve(fixture);
  const ask = async (body: unknown) => {
    const response = await post(rpc.httpUrl, body);
    return response.status === 204 ? null : await response.json();
  };
  const chainId = `0x${chain.chainId.toString(16)}`;
  const request = { jsonrpc: "2.0", id: 1, method: "eth_chainId" };
  assert.deepEqual(await ask(request), { jsonrpc: "2.0", id: 1, result: chainId });
  assert.deepEqual(
    await ask([
      { ...request, id: "a" },
      { jsonrpc: "2.0", method: "eth_chainId" },
    ]),
    [{ jsonrpc: "2.0", id: "a", result: chainId }],
  );
  assert.equal(await ask({ jsonrpc: "2.0", method: "eth_chainId" }), null);
  const codeOf = async (body: unknown) =>
    ((await ask(body)) as { error: { code: number } }).error.code;
  assert.equal(await codeOf("{"), -32700);
  assert.equal(await codeOf("[]"), -32600);
  assert.equal(await codeOf(Array.from({ length: 1001 }, () => request)), -32600);
  assert.equal(await codeOf("7"), -32600);
  assert.equal(await codeOf({ ...request, id: {} }), -32600);
  assert.equal(await codeOf({ ...request, method: 5 }), -32600);
  assert.equal(await codeOf({ ...request, method: "hardhat_reset" }), -32601);
  assert.equal(await codeOf({ ...request, method: "eth_subscribe", params: ["newHeads"] }), -32601);
  assert.equal(await codeOf({ ...request, method: "eth_getBalance", params: {} }), -32602);
  assert.equal(await codeOf({ ...request, method: "eth_getBalance", params: ["0x"] }), -32602);
});

test("web pages cannot reach the chain, whatever name they give themselves; those of this machine and wallets can", async () => {
  await using fixture = await createEmbeddedFixture();
  const chain = await fixture.open();
  const { http: port } = fixture.runtime;
  const rpc = await fixture.serve(chain, ["https://app.example"]);
  const request = { jsonrpc: "2.0", id: 1, method: "eth_chainId" };
  const statusOf = async (headers: Record<string, string>) => {
    const url = rpc.httpUrl;
    const body = Buffer.from(JSON.stringify(request));
    return (await port.request({ url, method: "POST", body, headers })).status;
  };
  for (const origin of [
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "file://",
  ]) {
    assert.equal(await statusOf({ origin }), 403, origin);
  }
  for (const host of ["evil.example", "127.0.0.1.evil.example"]) {
    assert.equal(await statusOf({ host }), 403, host);
  }
  for (const origin of [
    "http://localhost:3000",
    "http://127.0.0.1:8080",
    "chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn",
    "https://app.example",
  ]) {
    assert.equal(await statusOf({ origin }), 200, origin);
  }
  const preflight = await fetch(rpc.httpUrl, {
    method: "OPTIONS",
    headers: { origin: "https://app.example", "access-control-request-method": "POST" },
  });
  assert.equal(preflight.headers.get("access-control-allow-origin"), "https://app.example");
  assert.equal((await fetch(rpc.httpUrl)).status, 405);
  assert.equal((await post(rpc.httpUrl, "x".repeat(5 * 1024 * 1024 + 1))).status, 413);
});
