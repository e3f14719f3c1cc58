import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toAddress } from "../network/address.ts";
import { formatTronAddress } from "../tron/address.ts";
import type { TronRawData, TronTransaction } from "../tron/transaction.ts";
import {
  deploymentOf,
  initCodeOf,
  signatureOf,
  signedTransaction,
  transferOf,
  triggerOf,
} from "../testing/tron-transactions.ts";
import { inTronWorld, ONE_TRX_SUN, personOf, type TronWorld } from "../testing/tron-world.ts";

const NOBODY = toAddress(`0x${"9".repeat(40)}`);

/** Alice's transfer to Bob, with something about it changed. */
function transfer(world: TronWorld, overrides: Partial<TronRawData> = {}, sun = 1n) {
  const { chain, alice, bob } = world;
  const contract = transferOf(alice.address, bob.address, sun);
  return signedTransaction(chain, alice, contract, overrides);
}

async function refusal({ chain }: TronWorld, transaction: TronTransaction): Promise<string> {
  const refused = await chain.broadcast(transaction);
  return refused === null ? "taken" : `${refused.code}: ${refused.message}`;
}

suite("the emulation refuses as nodes do", () => {
  test("SIGERROR: no signature, a short one, two, another's, one of other data", () =>
    inTronWorld({}, async (world) => {
      const { bob, alice } = world;
      const good = await transfer(world);
      const [signature = new Uint8Array()] = good.signatures;
      const theirs = await signatureOf(good.rawData, bob);
      const say = (signatures: readonly Uint8Array[]) => refusal(world, { ...good, signatures });
      assert.match(await say([]), /^SIGERROR: Validate signature error: miss sig/);
      assert.match(await say([signature.subarray(0, 64)]), /^SIGERROR: .*Signature size is 64$/);
      assert.match(await say([signature, theirs]), /^SIGERROR: .*Signature count is 2/);
      assert.match(
        await say([theirs]),
        new RegExp(`^SIGERROR: .* is signed by ${formatTronAddress(bob.address)} but`),
      );
      const other = await transfer(world, {}, 2n);
      assert.match(await say(other.signatures), /^SIGERROR: .* but it is not contained/);
      assert.match(await say([new Uint8Array(65)]), /^SIGERROR/);
      assert.match(await refusal(world, await transfer(world, { permissionId: 2 })), /^SIGERROR/);
      assert.equal(await refusal(world, good), "taken");
      assert.equal(await world.chain.balance(bob.address), 100_000n * ONE_TRX_SUN + 1n);
      assert.ok(alice);
    }));

  test("TAPOS_ERROR: another chain's block, and one that is not there yet", () =>
    inTronWorld({}, async (world) => {
      const tapos = "TAPOS_ERROR: Tapos check error.";
      assert.equal(
        await refusal(world, await transfer(world, { refBlockHash: new Uint8Array(8) })),
        tapos,
      );
      const ahead = await transfer(world, { refBlockBytes: Uint8Array.of(0, 9) });
      assert.equal(await refusal(world, ahead), tapos);
      await inTronWorld({}, async (other) => {
        assert.equal(await refusal(world, await transfer(other)), tapos, "a replay from elsewhere");
      });
    }));

  test("TRANSACTION_EXPIRATION_ERROR: by the clock, by the chain, and more than a day ahead", () =>
    inTronWorld({}, async (world) => {
      const expired = "TRANSACTION_EXPIRATION_ERROR: Transaction expired";
      const { timestampMs } = world.chain.head;
      const at = (expirationMs: number) => transfer(world, { expirationMs });
      assert.equal(await refusal(world, await at(timestampMs)), expired);
      const day = 24 * 60 * 60 * 1000;
      assert.equal(await refusal(world, await at(timestampMs + day + 1)), expired);
      const waits = await at(timestampMs + 60_000);
      world.clock.now += 60_001;
      assert.equal(await refusal(world, waits), expired);
    }));

  test("DUP_TRANSACTION_ERROR: while it waits, and once it is in a block", () =>
    inTronWorld({ mining: "manual" }, async (world) => {
      const transaction = await transfer(world);
      assert.equal(await refusal(world, transaction), "taken");
      const duplicate = "DUP_TRANSACTION_ERROR: Dup transaction.";
      assert.equal(await refusal(world, transaction), duplicate);
      await world.chain.mine();
      assert.equal(await refusal(world, transaction), duplicate);
      assert.equal(await world.chain.balance(world.bob.address), 100_000n * ONE_TRX_SUN + 1n);
    }));

  test("CONTRACT_VALIDATE_ERROR: accounts, amounts and contracts that are not there", () =>
    inTronWorld({}, async (world) => {
      const { chain, alice, bob } = world;
      const say = async (contract: Parameters<typeof signedTransaction>[2], signer = alice) =>
        refusal(world, await signedTransaction(chain, signer, contract));
      const error = "CONTRACT_VALIDATE_ERROR: Contract validate error : ";
      const carol = personOf("c3");
      assert.equal(
        await say(transferOf(carol.address, bob.address, 1n), carol),
        `${error}account [${formatTronAddress(carol.address)}] does not exist`,
      );
      assert.equal(
        await say(transferOf(alice.address, alice.address, 1n)),
        `${error}Cannot transfer TRX to yourself.`,
      );
      for (const amount of [0n, -1n]) {
        assert.equal(
          await say(transferOf(alice.address, bob.address, amount)),
          `${error}Amount must be greater than 0.`,
        );
      }
      assert.equal(
        await say(transferOf(alice.address, bob.address, 100_001n * ONE_TRX_SUN)),
        `${error}Validate TransferContract error, balance is not sufficient.`,
      );
      assert.equal(
        await say(triggerOf(alice.address, NOBODY, "")),
        `${error}No contract or not a smart contract`,
      );
      assert.match(
        await say(deploymentOf(alice.address, "00", { name: "x".repeat(33) })),
        /contractName/,
      );
      assert.match(
        await say(deploymentOf(alice.address, "00", { consumeUserResourcePercent: 101 })),
        /percent must be >= 0 and <= 100/,
      );
      assert.match(
        await say(deploymentOf(alice.address, "00", { originEnergyLimit: 0n })),
        /originEnergyLimit/,
      );
      const trigger = triggerOf(alice.address, NOBODY, "");
      const costly = await signedTransaction(chain, alice, trigger, {
        feeLimitSun: 15_000_000_001n,
      });
      assert.match(await refusal(world, costly), /feeLimit must be >= 0 and <= 15000000000/);
    }));

  test("BANDWITH_ERROR: who has no free bandwidth left and no TRX, until a day has passed", () => {
    const poor = personOf("d4");
    const accounts = [{ address: poor.address, balanceSun: 600n }];
    return inTronWorld(
      { accounts: [...accounts, { address: personOf("b2").address, balanceSun: 1n }] },
      async (world) => {
        const { chain, bob, clock } = world;
        const say = async () =>
          refusal(
            world,
            await signedTransaction(chain, poor, transferOf(poor.address, bob.address, 1n)),
          );
        assert.equal(await say(), "taken");
        clock.now += 1;
        assert.equal(await say(), "taken");
        clock.now += 1;
        assert.equal(await say(), "BANDWITH_ERROR: Account resource insufficient error.");
        clock.now += 24 * 60 * 60 * 1000;
        await chain.mine();
        assert.equal(await say(), "taken");
        assert.equal(await chain.balance(poor.address), 597n);
      },
    );
  });

  test("OUT_OF_ENERGY: the fee limit, then the balance, are what energy may cost; nothing else happens", () =>
    inTronWorld({}, async (world) => {
      const { chain, alice } = world;
      // Stores 42 at 0: 20,000 energy and a little.
      const deploy = deploymentOf(alice.address, initCodeOf("602a600055"));
      const deployed = await signedTransaction(chain, alice, deploy);
      assert.equal(await refusal(world, deployed), "taken");
      const contract = chain.head.transactions[0]?.execution?.contract ?? assert.fail();
      const call = async (feeLimitSun: bigint) => {
        const before = await chain.balance(alice.address);
        const trigger = triggerOf(alice.address, contract, "");
        const transaction = await signedTransaction(chain, alice, trigger, { feeLimitSun });
        assert.equal(await refusal(world, transaction), "taken");
        const [included] = chain.head.transactions;
        assert.equal(before - (await chain.balance(alice.address)), included?.feeSun);
        return included?.execution;
      };
      const short = await call(1_999_999n);
      assert.equal(short?.result, "OUT_OF_ENERGY");
      assert.equal(short?.energyFeeSun, 1_999_900n);
      const enough = await call(3_000_000n);
      assert.equal(enough?.result, "SUCCESS");
      assert.equal(enough?.energy, 20_006n);
      const again = await call(3_000_000n);
      assert.equal(again?.energy, 5_006n, "a slot that is taken costs a quarter");
    }));
});
