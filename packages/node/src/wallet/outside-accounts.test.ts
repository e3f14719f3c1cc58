import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { KeySigner, openNetwork, parsePrivateKey, toAddress } from "@shoal/chain";
import { openTestDaemon, type TestDaemon } from "../testing/test-daemon.ts";

const BTT = 10n ** 18n;
const RECIPIENT = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
/** Begins and ends as the other does. */
const LOOK_ALIKE = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1b0aed";
const network = "embedded";

suite("accounts of a browser's wallet", () => {
  const signer = new KeySigner(parsePrivateKey("5e".repeat(32)));
  const outsider = { network, address: signer.address };
  let open: TestDaemon;

  before(async () => {
    open = await openTestDaemon({ settings: { chain: { embedded: true } } });
  });
  after(() => open.close());

  test("a payment does, once its own wallet has signed it, what the plan said, to the wei", async () => {
    const { client, daemon } = open;
    await client.call("askAddressFaucet", outsider);
    const plan = await client.call("planOutsideSend", {
      ...outsider,
      asset: "btt",
      to: RECIPIENT,
      wei: String(7n * BTT + 1n),
    });
    assert.deepEqual(
      plan.warnings.map(({ code }) => code),
      ["first-time"],
    );
    const { to, data, value, chainId } = plan.transaction;
    const chain = await openNetwork(network, {
      http: daemon.core.runtime.http,
      embedded: daemon.chain!,
    });
    assert.equal(BigInt(chainId), BigInt(chain.info.chainId));
    const call = { kind: "call", to: toAddress(to), data: data as "0x", amount: BigInt(value) };
    const prepared = await chain.prepare(call as never, { from: signer.address });
    const signed = await chain.sign(prepared, signer);
    const asked = { network, id: signed.id };
    assert.equal((await client.call("getTransactionState", asked)).state, "unknown");
    assert.equal((await chain.broadcast(signed)).state, "accepted");
    assert.equal((await client.call("getTransactionState", asked)).state, "final");
    const { balances } = await client.call("getAddressBalances", outsider);
    assert.equal(balances.find(({ asset }) => asset === "btt")?.wei, plan.balanceAfterWei);
    const { transactions, sinceBlock } = await client.call("getAddressHistory", outsider);
    assert.equal(sinceBlock, 0);
    const sent = transactions.find(({ direction }) => direction === "out");
    assert.deepEqual([sent?.id, sent?.wei], [signed.id, String(7n * BTT + 1n)]);
    await chain.close();
  });

  test("whom it has paid is known; who only looks like that is gravely warned of", async () => {
    const { client } = open;
    const wanted = { ...outsider, asset: "btt", wei: "1" } as const;
    const known = await client.call("planOutsideSend", { ...wanted, to: RECIPIENT });
    assert.deepEqual(known.warnings, []);
    const twin = await client.call("planOutsideSend", { ...wanted, to: LOOK_ALIKE });
    assert.deepEqual(
      twin.warnings.map(({ code, isGrave }) => [code, isGrave]),
      [["look-alike", true]],
    );
  });

  test("this node's own wallets are known by their names", async () => {
    const { client } = open;
    await client.call("createWallet", { name: "savings", password: "a long password" });
    const { wallets } = await client.call("listWallets");
    const plan = await client.call("planOutsideSend", {
      ...{ ...outsider, asset: "coin", wei: "1" },
      to: wallets[0]!.accounts[0]!.addresses["evm"]!,
    });
    assert.equal(plan.toName, "account 0 of wallet savings");
    assert.equal(plan.transaction.data, "0x");
    assert.equal(plan.transaction.value, "0x1");
  });

  test("wallets are told where the embedded chain is, and that TRON is not for them", async () => {
    const { client } = open;
    const { chain, btt } = await client.call("getNetworkForWallets", { network });
    assert.match(chain.rpcUrls[0]!, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(btt?.symbol, "BTT");
    const bttc = await client.call("getNetworkForWallets", { network: "bttc" });
    assert.equal(bttc.btt, null, "its BTT is the coin");
    assert.deepEqual(bttc.chain.blockExplorerUrls, ["https://bttcscan.com"]);
    await assert.rejects(
      async () => await client.call("getNetworkForWallets", { network: "tron-nile" }),
      { code: "unavailable" },
    );
  });
});

test("endpoints that the user has named may hold keys: administrators alone are told of them", async () => {
  const url = "https://rpc.example/secret-key";
  const open = await openTestDaemon({ settings: { chain: { network: "bttc", rpcUrls: [url] } } });
  try {
    const { outside } = open.daemon.core.money;
    assert.deepEqual((await outside.describeNetwork("bttc", true)).chain.rpcUrls, [url]);
    const others = (await outside.describeNetwork("bttc", false)).chain.rpcUrls;
    assert.ok(others.length > 0 && !others.includes(url));
  } finally {
    await open.close();
  }
});
