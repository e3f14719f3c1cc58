import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { ApiClient } from "@shoal/api/client";
import { EMBEDDED_BTT_ADDRESS } from "@shoal/chain";
import {
  ADDRESS,
  openSiteScene,
  type SitePage,
  type SiteScene,
  WALLET_PASSWORD,
} from "../testing/site-scene.ts";

const BOB = `0x${"b0".repeat(20)}`;
const word = (value: bigint | string): string =>
  (typeof value === "bigint" ? value.toString(16) : value.slice(2)).padStart(64, "0");
const approve = (amount: bigint): string => `0x095ea7b3${word(BOB)}${word(amount)}`;
const hex = (text: string): string => `0x${Buffer.from(text).toString("hex")}`;

suite("sites that are connected", () => {
  let scene: SiteScene;
  let client: ApiClient;
  let page: SitePage;

  before(async () => {
    scene = await openSiteScene();
    ({ client } = scene.test);
    page = await scene.connect("https://app.example");
    await client.call("askFaucet", { name: "main", account: 0 });
  });
  after(() => scene.close());

  const password = WALLET_PASSWORD;
  const allow = (id: string) => client.call("answerSiteRequest", { id, isAllowed: true, password });
  const refuse = (id: string) => client.call("answerSiteRequest", { id, isAllowed: false });
  const gravely = (warnings: readonly { code: string; isGrave: boolean }[]) =>
    warnings.map(({ code, isGrave }) => (isGrave ? `${code}!` : code));

  test("read their network, and nothing but it", async () => {
    assert.match(String(await page.ask("eth_blockNumber")), /^0x/);
    assert.equal(await page.ask("eth_getBalance", [ADDRESS, "latest"]), "0x8ac7230489e80000");
    const call = { to: EMBEDDED_BTT_ADDRESS, data: `0x70a08231${word(ADDRESS)}` };
    assert.equal(
      BigInt(String(await page.ask("eth_call", [call, "latest"]))),
      10_000n * 10n ** 18n,
    );
    const methods = [
      "shoal_faucet",
      "shoal_chainInfo",
      "eth_sendRawTransaction",
      "eth_sign",
      "eth_signTransaction",
      "eth_signTypedData",
      "eth_subscribe",
      "evm_mine",
      "constructor",
      "__proto__",
    ];
    for (const method of methods) {
      assert.equal((await page.call(method, [])).error?.code, 4200, method);
    }
    const reverting = await page.call("eth_call", [
      { to: EMBEDDED_BTT_ADDRESS, data: `0xa9059cbb${word(BOB)}${word(2n ** 255n)}` },
      "latest",
    ]);
    assert.equal(reverting.error?.code, 3);
    assert.match(String(reverting.error?.data), /^0x/);
  });

  test("a payment is shown with all that it costs, and sent once it is allowed, once", async () => {
    const asked = page.ask("eth_sendTransaction", [{ from: ADDRESS, to: BOB, value: "0x5" }]);
    const request = await scene.waiting();
    const { kind, transaction, warnings, network, address } = request;
    assert.deepEqual([kind, network, address], ["transaction", "embedded", ADDRESS]);
    assert.deepEqual(gravely(warnings), ["first-time"]);
    assert.deepEqual(
      [transaction?.wei, transaction?.to?.toLowerCase(), transaction?.function, transaction?.data],
      ["5", BOB, null, "0x"],
    );
    assert.deepEqual(
      transaction?.moves?.map(({ wei, symbol }) => [wei, symbol]),
      [["5", "ETH"]],
    );
    assert.ok(BigInt(transaction?.maxFeeWei ?? 0) >= BigInt(transaction?.feeWei ?? 0));
    // The wallet is locked, and the password is not that.
    await assert.rejects(client.call("answerSiteRequest", { id: request.id, isAllowed: true }), {
      code: "locked",
    });
    const answers = await Promise.allSettled([allow(request.id), allow(request.id)]);
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    const hash = await asked;
    assert.match(String(hash), /^0x[0-9a-f]{64}$/);
    assert.equal(await page.ask("eth_getBalance", [BOB, "latest"]), "0x5");
    await assert.rejects(allow(request.id), { code: "not-found" });
    const receipt = (await page.ask("eth_getTransactionReceipt", [hash])) as { status: string };
    assert.equal(receipt.status, "0x1");
    const { transactions } = await client.call("getWalletHistory", { name: "main" });
    assert.equal(transactions.find(({ id }) => id === hash)?.wei, "5");
    const { wallets } = await client.call("listWallets");
    assert.equal(wallets[0]?.isUnlocked, false);
    await client.call("unlockWallet", { name: "main", password });
  });

  test("leave to spend is read, and everything is warned of gravely", async () => {
    const transaction = { from: ADDRESS, to: EMBEDDED_BTT_ADDRESS };
    const some = page.call("eth_sendTransaction", [{ ...transaction, data: approve(10n ** 18n) }]);
    const first = await scene.waiting();
    assert.deepEqual(gravely(first.warnings), ["leave-to-spend"]);
    assert.match(first.transaction?.function ?? "", /approve$/);
    assert.deepEqual(first.lines.at(-1), { label: "amount", value: "1 BTT" });
    await refuse(first.id);
    assert.equal((await some).error?.code, 4001);
    const all = page.call("eth_sendTransaction", [
      { ...transaction, input: approve(2n ** 256n - 1n) },
    ]);
    const second = await scene.waiting();
    assert.deepEqual(gravely(second.warnings), ["unlimited!"]);
    await refuse(second.id);
    await all;
  });

  test("what nobody knows, and what fails, is said to", async () => {
    const data = "0xdeadbeef";
    const asked = page.call("eth_sendTransaction", [
      { from: ADDRESS, to: EMBEDDED_BTT_ADDRESS, data },
    ]);
    const { id, warnings, transaction } = await scene.waiting();
    assert.deepEqual(gravely(warnings), ["fails!", "unknown-call!"]);
    assert.deepEqual([transaction?.moves, transaction?.data], [null, data]);
    await refuse(id);
    await asked;
  });

  test("a transaction of another account, or that makes no sense, is not even shown", async () => {
    const cases: [unknown, number][] = [
      [{ from: BOB, to: BOB }, 4100],
      [{ to: BOB }, -32602],
      [{ from: ADDRESS }, -32602],
      [{ from: ADDRESS, to: "0x12" }, -32602],
      [{ from: ADDRESS, to: BOB, value: "5 ether" }, -32602],
      [{ from: ADDRESS, to: BOB, value: "-0x5" }, -32602],
      [{ from: ADDRESS, to: BOB, data: "0x1" }, -32602],
      [{ from: ADDRESS, to: BOB, data: "0x12", input: "0x13" }, -32602],
      [{ from: ADDRESS, to: BOB, chainId: "0x1" }, -32602],
      [{ from: ADDRESS, to: BOB, gas: "0xffffffffff" }, -32602],
      [{ from: ADDRESS, to: BOB, authorizationList: [] }, -32602],
      [{ from: ADDRESS, to: BOB, value: `0x${"f".repeat(40)}` }, -32000],
      [{ from: ADDRESS, to: `0x${"0".repeat(40)}`, value: "0x1" }, -32000],
      ["0x", -32602],
    ];
    for (const [transaction, code] of cases) {
      const { error } = await page.call("eth_sendTransaction", [transaction]);
      assert.equal(error?.code, code, `${JSON.stringify(transaction)}: ${error?.message}`);
    }
    assert.deepEqual((await client.call("listSiteRequests")).requests, []);
  });

  test("messages are shown as they are signed, whichever way round they come", async () => {
    for (const params of [
      [hex("hello\n\u202eworld"), ADDRESS],
      [ADDRESS.toLowerCase(), hex("hello\n\u202eworld")],
    ]) {
      const asked = page.ask("personal_sign", params);
      const { id, kind, lines, warnings } = await scene.waiting();
      assert.equal(kind, "message");
      assert.deepEqual(
        lines.map(({ value }) => value),
        ["hello", "\\u{202e}world"],
      );
      assert.deepEqual(gravely(warnings), ["hidden-characters!"]);
      await client.call("answerSiteRequest", { id, isAllowed: true });
      assert.match(String(await asked), /^0x[0-9a-f]{130}$/);
    }
    assert.equal((await page.call("personal_sign", [hex("hi"), BOB])).error?.code, 4100);
    assert.equal((await page.call("personal_sign", [hex("hi")])).error?.code, -32602);
  });

  test("ERC-4361: a sign-in for another site is a grave matter", async () => {
    const signIn = (domain: string): string =>
      [
        `${domain} wants you to sign in with your Ethereum account:`,
        ADDRESS,
        "",
        "",
        `URI: https://${domain}/`,
        "Version: 1",
        "Chain ID: 1",
        "Nonce: 12345678",
        "Issued At: 2021-09-30T16:25:24Z",
      ].join("\n");
    for (const [domain, expected] of [
      ["app.example", ["other-chain"]],
      ["bank.example", ["other-domain!", "other-chain"]],
    ] as const) {
      const asked = page.call("personal_sign", [hex(signIn(domain)), ADDRESS]);
      const { id, lines, warnings } = await scene.waiting();
      assert.deepEqual(lines[0], { label: "domain", value: domain });
      assert.deepEqual(gravely(warnings), expected);
      await refuse(id);
      await asked;
    }
  });

  test("EIP-712: a permit is read in the token's own units; another chain's is refused", async () => {
    const chainId = Number(await page.ask("eth_chainId"));
    const permit = (chain: number) => ({
      types: {
        Permit: ["owner", "spender", "value", "nonce", "deadline"].map((name, at) => ({
          name,
          type: at < 2 ? "address" : "uint256",
        })),
      },
      primaryType: "Permit",
      domain: { name: "x", chainId: chain, verifyingContract: EMBEDDED_BTT_ADDRESS },
      message: { owner: ADDRESS, spender: BOB, value: String(10n ** 18n), nonce: 0, deadline: 1 },
    });
    const asked = page.ask("eth_signTypedData_v4", [ADDRESS, JSON.stringify(permit(chainId))]);
    const { id, kind, lines, warnings } = await scene.waiting();
    assert.equal(kind, "typed-data");
    assert.ok(lines.some(({ label, value }) => label === "amount" && value === "1 BTT"));
    assert.deepEqual(gravely(warnings), ["leave-to-spend"]);
    await client.call("answerSiteRequest", { id, isAllowed: true });
    assert.match(String(await asked), /^0x[0-9a-f]{130}$/);
    const foreign = await page.call("eth_signTypedData_v4", [ADDRESS, permit(chainId + 1)]);
    assert.equal(foreign.error?.code, -32602);
    assert.match(foreign.error?.message ?? "", /is for chain/);
  });

  test("EIP-3326, EIP-3085: the network changes when the user says so, to one that is known", async () => {
    const other = await scene.connect("https://switching.example");
    const own = await other.ask("eth_chainId");
    assert.equal(await other.ask("wallet_switchEthereumChain", [{ chainId: own }]), null);
    const unknown = await other.call("wallet_switchEthereumChain", [{ chainId: "0xabcdef12" }]);
    assert.equal(unknown.error?.code, 4902);
    const tron = await other.call("wallet_switchEthereumChain", [{ chainId: "0x2b6653dc" }]);
    assert.equal(tron.error?.code, 4902);
    const chain = { chainId: "0xabcdef12", rpcUrls: ["https://evil.example"], chainName: "Evil" };
    assert.equal((await other.call("wallet_addEthereumChain", [chain])).error?.code, 4200);
    for (const bad of [{}, { chainId: 5 }, { chainId: "5" }, { chainId: "0x0" }]) {
      const { error } = await other.call("wallet_switchEthereumChain", [bad]);
      assert.equal(error?.code, -32602);
    }
    const signing = other.call("personal_sign", [hex("hi"), ADDRESS]);
    await scene.waiting();
    const asked = other.ask("wallet_addEthereumChain", [{ ...chain, chainId: "0xaa36a7" }]);
    const request = await scene.waitingFor("switch-network");
    assert.equal(request.network, "sepolia");
    await client.call("answerSiteRequest", { id: request.id, isAllowed: true });
    assert.equal(await asked, null);
    assert.equal(await other.ask("eth_chainId"), "0xaa36a7");
    // What waited was made for the chain before.
    assert.equal((await signing).error?.code, 4901);
  });
});
