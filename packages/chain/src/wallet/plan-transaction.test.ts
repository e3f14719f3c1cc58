import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { bttAbi } from "@shoal/contracts";
import { type Abi, encodeFunctionData, parseAbi } from "viem";
import type { Hex } from "../network/address.ts";
import type { CallIntent } from "../network/transaction.ts";
import { ann, bob, carol, createEvmWorld, type EvmWorld } from "../testing/evm-world.ts";
import { describePermits } from "./describe-permits.ts";
import { planTransaction, type TransactionPlan } from "./plan-transaction.ts";

const EVERYTHING = 2n ** 256n - 1n;

function call({ btt }: EvmWorld, abi: Abi, functionName: string, args: unknown[]): CallIntent {
  return { kind: "call", to: btt, data: encodeFunctionData({ abi, functionName, args }) };
}

const codesOf = ({ warnings }: Pick<TransactionPlan, "warnings">) =>
  warnings.map(({ code, isGrave }) => (isGrave ? `${code}!` : code));
const linesOf = ({ lines }: TransactionPlan) =>
  lines.map(({ label, value }) => `${label}: ${value}`);

suite("planning what a site thought up", async () => {
  const world = await createEvmWorld();
  const { network, btt } = world;
  const plan = (intent: Parameters<typeof planTransaction>[1]["intent"], gasLimit?: bigint) =>
    planTransaction(network, {
      ...{ from: ann.address, intent, known: [{ address: bob.address, name: "Bob" }] },
      ...(gasLimit !== undefined && { gasLimit }),
    });
  const show = (address: typeof btt) => network.formatAddress(address);

  test("a payment of a token is shown in its own units, and moves what it says", async () => {
    const intent = call(world, bttAbi, "transfer", [bob.address, 5n * 10n ** 18n]);
    const planned = await plan(intent);
    assert.deepEqual(linesOf(planned), [
      `contract: ${show(btt)}`,
      "function: BTT.transfer",
      `to: ${show(bob.address)} (Bob)`,
      "amount: 5 BTT",
    ]);
    assert.deepEqual(codesOf(planned), []);
    assert.deepEqual(
      planned.moves?.map(({ amount, denomination }) => [amount, denomination?.symbol]),
      [[5n * 10n ** 18n, "BTT"]],
    );
    const stranger = call(world, bttAbi, "transfer", [carol.address, 5n]);
    assert.deepEqual(codesOf(await plan(stranger)), ["first-time"]);
  });

  test("leave to spend is warned of, gravely where it is for everything", async () => {
    const some = await plan(call(world, bttAbi, "approve", [bob.address, 10n ** 18n]));
    assert.deepEqual(codesOf(some), ["leave-to-spend"]);
    assert.ok(linesOf(some).includes("amount: 1 BTT"));
    const all = await plan(call(world, bttAbi, "approve", [bob.address, EVERYTHING]));
    assert.deepEqual(codesOf(all), ["unlimited!"]);
    assert.match(linesOf(all).at(-1) ?? "", /^amount: all BTT/);
    assert.deepEqual(codesOf(await plan(call(world, bttAbi, "approve", [bob.address, 0n]))), []);
    const permits = [
      { token: btt, spender: bob.address, amount: EVERYTHING, deadline: 1_700_000_000n },
    ];
    const told = await describePermits(network, permits, []);
    assert.deepEqual(codesOf(told), ["unlimited!"]);
    assert.equal(told.lines.at(-1)?.value, "2023-11-14T22:13:20.000Z");
  });

  test("a call that nobody knows is said to be unknown, and what fails to fail", async () => {
    const unknown = await plan({ kind: "call", to: carol.address, data: "0x12345678" });
    assert.deepEqual(codesOf(unknown), ["unknown-call!"]);
    assert.equal(unknown.functionName, null);
    const tooMuch = call(world, bttAbi, "transfer", [bob.address, EVERYTHING]);
    const failing = await plan(tooMuch);
    assert.deepEqual(codesOf(failing), ["fails!"]);
    assert.equal(failing.moves, null);
    assert.equal((await plan(tooMuch, 80_000n)).gasLimit, 80_000n);
    const abi = parseAbi(["function setApprovalForAll(address operator, bool approved)"]);
    const nft = { to: carol.address, data: encodeFunctionData({ abi, args: [bob.address, true] }) };
    assert.deepEqual(codesOf(await plan({ kind: "call", ...nft })), ["all-tokens!"]);
  });

  test("a deployment, and coin to a stranger, are what they are", async () => {
    const code: Hex = "0x6001600c60003960016000f300";
    assert.deepEqual(codesOf(await plan({ kind: "deploy", code })), ["deploys"]);
    const payment = await plan({ kind: "transfer", to: carol.address, amount: 5n });
    assert.deepEqual(codesOf(payment), ["first-time"]);
    const { prepared } = payment;
    assert.ok(prepared.maxFee >= prepared.expectedFee);
    const gas = await plan({ kind: "transfer", to: bob.address, amount: 5n }, 50_000n);
    assert.equal(gas.gasLimit, 50_000n);
    assert.ok(gas.prepared.maxFee > prepared.maxFee);
    await assert.rejects(plan({ kind: "transfer", to: bob.address, amount: 10n ** 30n }), {
      code: "insufficient-funds",
    });
    await assert.rejects(plan(call(world, bttAbi, "transfer", [btt, 5n])), { code: "refused" });
  });
});
