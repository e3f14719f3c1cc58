import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { BTT_TOTAL_SUPPLY_WEI, bttAbi, bttArtifact } from "@shoal/contracts";
import type { TronWeb } from "tronweb";
import { formatTronAddress } from "../tron/address.ts";
import { inTronWorld, type TronPerson, type TronWorld } from "../testing/tron-world.ts";

const FEE_LIMIT = 1_000_000_000;

/** Deploys BTT as TronWeb's users do, all of it for one account. */
async function deployBtt(world: TronWorld, owner: TronPerson): Promise<string> {
  const web = world.tronWeb(owner);
  const transaction = await web.transactionBuilder.createSmartContract(
    {
      abi: structuredClone(bttAbi) as never,
      bytecode: bttArtifact.bytecode.slice(2),
      parameters: [[formatTronAddress(owner.address)], [BTT_TOTAL_SUPPLY_WEI.toString()]],
      feeLimit: FEE_LIMIT,
      userFeePercentage: 100,
      originEnergyLimit: 10_000_000,
      name: "BTT",
    },
    formatTronAddress(owner.address),
  );
  const answer = await web.trx.sendRawTransaction(await web.trx.sign(transaction));
  assert.deepEqual(
    { ...answer, transaction: null },
    {
      result: true,
      txid: transaction.txID,
      transaction: null,
    },
  );
  return web.address.fromHex(transaction.contract_address);
}

/** TronWeb types contracts by their ABI; here it is asked as its users in JavaScript do. */
interface AnyContract {
  readonly methods: Record<
    string,
    (...args: unknown[]) => {
      call(): Promise<unknown>;
      send(options: { feeLimit: number }): Promise<string>;
    }
  >;
}

function contractAt(web: TronWeb, address: string): AnyContract {
  return web.contract(structuredClone(bttAbi) as never, address) as AnyContract;
}

suite("unmodified TronWeb at the emulation", () => {
  test("deploys BTT as TRC-20, moves it, and reads it and its events", () =>
    inTronWorld({}, async (world) => {
      const { alice, bob, chain } = world;
      const address = await deployBtt(world, alice);
      const web = world.tronWeb(alice);
      const btt = contractAt(web, address);
      assert.equal(await btt.methods["totalSupply"]?.().call(), BTT_TOTAL_SUPPLY_WEI);
      assert.equal(await btt.methods["symbol"]?.().call(), "BTT");
      const to = formatTronAddress(bob.address);
      const txId = await btt.methods["transfer"]?.(to, "1500000000000000001").send({
        feeLimit: FEE_LIMIT,
      });
      assert.equal(await btt.methods["balanceOf"]?.(to).call(), 1_500_000_000_000_000_001n);

      const info = await web.trx.getUnconfirmedTransactionInfo(txId ?? "");
      assert.equal(info.receipt.result, "SUCCESS");
      assert.equal(info.log?.length, 1);
      assert.equal(info.log?.[0]?.address, web.address.toHex(address).slice(2));
      assert.deepEqual(await web.trx.getTransactionInfo(txId ?? ""), {}, "not solid yet");

      const events = await web.event.getEventsByContractAddress(address, { eventName: "Transfer" });
      assert.equal(events.data?.length, 2);
      const { result, transaction_id } = events.data?.[0] ?? assert.fail();
      assert.equal(transaction_id, txId);
      assert.deepEqual(result, {
        0: alice.address,
        1: bob.address,
        2: "1500000000000000001",
        from: alice.address,
        to: bob.address,
        value: "1500000000000000001",
      });
      await chain.mine(18);
      const solid = await web.trx.getTransactionInfo(txId ?? "");
      assert.equal(solid.id, txId);
      const deployed = (await web.trx.getContract(address)) as { name: string; bytecode: string };
      assert.equal(deployed.name, "BTT");
      assert.equal(`0x${deployed.bytecode.slice(0, 100)}`, bttArtifact.bytecode.slice(0, 102));
    }));

  test("sends TRX: a new account costs 1.1 TRX, and bandwidth is free as far as it goes", () =>
    inTronWorld({}, async (world) => {
      const { alice, bob, chain } = world;
      const web = world.tronWeb(alice);
      const send = async (to: string) => {
        const sent = await web.trx.sendTransaction(to, 5_000_000);
        assert.equal(sent.result, true);
        return web.trx.getUnconfirmedTransactionInfo(sent.transaction.txID);
      };
      const known = formatTronAddress(bob.address);
      assert.deepEqual((await send(known)).receipt, { net_usage: 268 });
      assert.deepEqual((await send(known)).receipt, { net_usage: 268 });
      const third = await send(known);
      assert.deepEqual(third.receipt, { net_fee: 268_000 });
      assert.equal(third.fee, 268_000);
      const fresh = await send("TQq4YrKRywkd9vLYw2nZKiFfMpbQiL8gKK");
      assert.equal(fresh.fee, 1_100_000);
      assert.equal(await chain.balance(alice.address), 100_000_000_000n - 20_000_000n - 1_368_000n);
      assert.equal(await web.trx.getUnconfirmedBalance(known), 100_015_000_000);
    }));

  test("hears why a call fails: it is in a block, and its fee is paid", () =>
    inTronWorld({}, async (world) => {
      const { alice, bob } = world;
      const address = await deployBtt(world, alice);
      const web = world.tronWeb(bob);
      const btt = contractAt(web, address);
      const before = await world.chain.balance(bob.address);
      const txId = await btt.methods["transfer"]?.(formatTronAddress(alice.address), 1).send({
        feeLimit: FEE_LIMIT,
      });
      const info = await web.trx.getUnconfirmedTransactionInfo(txId ?? "");
      assert.equal(info.result, "FAILED");
      assert.equal(info.receipt.result, "REVERT");
      assert.equal(web.toUtf8(info.resMessage ?? ""), "REVERT opcode executed");
      assert.equal(info.contractResult[0]?.slice(0, 8), "e450d38c", "ERC20InsufficientBalance");
      assert.equal(before - (await world.chain.balance(bob.address)), BigInt(info.fee ?? 0));
      const transaction = await web.trx.getTransaction(txId ?? "");
      assert.equal(transaction.ret[0]?.contractRet, "REVERT");
    }));

  test("estimates energy, and pays what was estimated", () =>
    inTronWorld({}, async (world) => {
      const { alice, bob } = world;
      const address = await deployBtt(world, alice);
      const web = world.tronWeb(alice);
      const { energy_required: energy } = await web.transactionBuilder.estimateEnergy(
        address,
        "transfer(address,uint256)",
        {},
        [
          { type: "address", value: formatTronAddress(bob.address) },
          { type: "uint256", value: 5 },
        ],
        formatTronAddress(alice.address),
      );
      const txId = await contractAt(web, address)
        .methods["transfer"]?.(formatTronAddress(bob.address), 5)
        .send({ feeLimit: FEE_LIMIT });
      const { receipt } = await web.trx.getUnconfirmedTransactionInfo(txId ?? "");
      assert.equal(receipt.energy_usage_total, energy);
      assert.equal(receipt.energy_fee, energy * 100);
      // To a balance of zero, a TRC-20 transfer takes 25,000 to 30,000 energy on the main network.
      assert.ok(energy > 24_000 && energy < 32_000, String(energy));
    }));
});
