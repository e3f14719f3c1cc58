import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { tronContractAddress } from "../tron/address.ts";
import { tronTransactionId } from "../tron/transaction.ts";
import {
  deploymentOf,
  initCodeOf,
  signedTransaction,
  transferOf,
  triggerOf,
} from "../testing/tron-transactions.ts";
import { inTronWorld, ONE_TRX_SUN, personOf, type TronWorld } from "../testing/tron-world.ts";

/** Deploys runtime code for Alice. */
async function deploy({ chain, alice }: TronWorld, runtime: string) {
  const contract = deploymentOf(alice.address, initCodeOf(runtime));
  const transaction = await signedTransaction(chain, alice, contract);
  assert.equal(await chain.broadcast(transaction), null);
  const address = tronContractAddress(tronTransactionId(transaction.rawData), alice.address);
  assert.equal(chain.contract(address)?.address, address);
  return address;
}

/** What a contract of `opcode; MSTORE; RETURN` answers. */
async function valueOf(world: TronWorld, opcode: string): Promise<bigint> {
  const address = await deploy(world, `${opcode}60005260206000f3`);
  const { output } = await world.chain.simulate({
    from: world.alice.address,
    to: address,
    valueSun: 0n,
    data: "0x",
  });
  return BigInt(output);
}

suite("the emulated chain", () => {
  test("names blocks by number and hash, each on top of the one before", () =>
    inTronWorld({}, async ({ chain }) => {
      await chain.mine(4);
      for (let number = 1; number <= chain.head.number; number++) {
        const block = chain.block(number) ?? assert.fail();
        assert.equal(Number.parseInt(block.id.slice(0, 16), 16), number);
        assert.equal(block.parentId, chain.block(number - 1)?.id);
        assert.equal(chain.blockById(block.id), block);
      }
      assert.equal(chain.blockById(`${"0".repeat(15)}1${"f".repeat(48)}`), null);
    }));

  test("two chains have nothing in common", () =>
    inTronWorld({}, async (one) =>
      inTronWorld({}, async (other) => {
        assert.notEqual(one.chain.chainId, other.chain.chainId);
        assert.notEqual(one.chain.block(0)?.id, other.chain.block(0)?.id);
        await Promise.resolve();
      }),
    ));

  test("shows contracts TRON's constants where an EVM can: CHAINID, GASPRICE, BASEFEE, DIFFICULTY, NUMBER", () =>
    inTronWorld({}, async (world) => {
      const { chain } = world;
      assert.equal(await valueOf(world, "46"), BigInt(chain.chainId));
      assert.equal(await valueOf(world, "3a"), 100n, "GASPRICE is the price of energy");
      assert.equal(await valueOf(world, "48"), 100n, "BASEFEE too");
      assert.equal(await valueOf(world, "44"), 0n);
      assert.equal(await valueOf(world, "43"), BigInt(chain.head.number) + 1n);
    }));

  test("shows contracts the caller's balance in sun, what execution may cost left out", () =>
    inTronWorld({}, async (world) => {
      const { chain, alice } = world;
      const before = await chain.balance(alice.address);
      const address = await deploy(world, "333160005260206000f3");
      const balance = await chain.balance(alice.address);
      assert.ok(balance < before);
      const call = { from: alice.address, to: address, valueSun: 7n, data: "0x" as const };
      const { output } = await chain.simulate({ ...call, valueSun: 0n });
      assert.equal(BigInt(output), balance);
      assert.equal(await chain.balance(alice.address), balance, "a simulation changes nothing");
    }));

  test("moves TRX with calls, and back again when they fail", () =>
    inTronWorld({}, async (world) => {
      const { chain, alice } = world;
      const taker = await deploy(world, "00");
      const refuser = await deploy(world, "60006000fd");
      for (const [to, taken] of [
        [taker, 5n],
        [refuser, 0n],
      ] as const) {
        const trigger = triggerOf(alice.address, to, "", 5n);
        assert.equal(await chain.broadcast(await signedTransaction(chain, alice, trigger)), null);
        assert.equal(await chain.balance(to), taken);
      }
      const transfer = transferOf(alice.address, taker, 1n);
      const refused = await chain.broadcast(await signedTransaction(chain, alice, transfer));
      assert.match(refused?.message ?? "", /Cannot transfer TRX to a smartContract/);
    }));

  test("energy of a stake is used first, and costs nothing", () => {
    const rich = personOf("a1");
    const accounts = [
      { address: rich.address, balanceSun: 1000n * ONE_TRX_SUN, stakedEnergy: 20_000n },
    ];
    return inTronWorld({ accounts }, async (world) => {
      const { chain } = world;
      const deploying = deploymentOf(rich.address, initCodeOf("602a600055"));
      await chain.broadcast(await signedTransaction(chain, rich, deploying));
      const contract = chain.head.transactions[0]?.execution?.contract ?? assert.fail();
      const trigger = triggerOf(rich.address, contract, "");
      await chain.broadcast(await signedTransaction(chain, rich, trigger));
      const { execution } = chain.head.transactions[0] ?? assert.fail();
      assert.equal(execution?.energyOfStake, 20_000n);
      assert.equal(execution?.energyFeeSun, 600n);
    });
  });

  test("limit: energy of a call that does not end", () =>
    inTronWorld({}, async (world) => {
      const { chain, alice } = world;
      const endless = await deploy(world, "5b6127106000205060005600");
      const trigger = triggerOf(alice.address, endless, "");
      const transaction = await signedTransaction(chain, alice, trigger, {
        feeLimitSun: 15_000n * ONE_TRX_SUN,
      });
      assert.equal(await chain.broadcast(transaction), null);
      assert.equal(chain.head.transactions[0]?.execution?.result, "OUT_OF_TIME");
    }));

  test("what waits is in the next block, and what expires while it waits is dropped", () =>
    inTronWorld({ mining: "manual" }, async ({ chain, alice, bob, clock }) => {
      const send = async (sun: bigint, expirationMs: number) => {
        const contract = transferOf(alice.address, bob.address, sun);
        const transaction = await signedTransaction(chain, alice, contract, { expirationMs });
        assert.equal(await chain.broadcast(transaction), null);
        return tronTransactionId(transaction.rawData);
      };
      const late = await send(1n, clock.now + 1000);
      const early = await send(2n, clock.now + 60_000);
      assert.notEqual(chain.findPending(late), null);
      clock.now += 2000;
      await chain.mine();
      assert.equal(chain.find(late), null);
      assert.equal(chain.findPending(late), null);
      assert.equal(chain.find(early)?.blockNumber, chain.head.number);
      assert.equal(await chain.balance(bob.address), 100_000n * ONE_TRX_SUN + 2n);
    }));
});
