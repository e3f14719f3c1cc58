import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createNodeRuntime } from "@shoal/runtime/node";
import type { Address } from "../network/address.ts";
import { balanceOf } from "../network/token.ts";
import { Sender } from "../sending/sender.ts";
import { ann, createEvmWorld, faulty } from "../testing/evm-world.ts";
import { deployContracts, estimateDeployment, verifyContracts } from "./deploy.ts";
import { CREATE2_DEPLOYER } from "./deploy-plan.ts";

/** The deployer's code, as its signed transaction leaves it on every chain. */
const DEPLOYER_CODE =
  "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";

const parameters = { owner: ann.address, startS: 1_800_000_000, passPriceWei: 10n ** 20n };

async function world(hasDeployer: boolean) {
  const evm = await createEvmWorld();
  if (hasDeployer) {
    const params = [CREATE2_DEPLOYER, DEPLOYER_CODE];
    await evm.evm.request({ method: "hardhat_setCode", params });
  }
  // A network where nobody has said what BTT is gets its own.
  const bare = { ...evm.info, btt: null };
  const { createEvmNetwork } = await import("../networks/open-network.ts");
  const over = (rpc = evm.evm as Parameters<typeof faulty>[0]) =>
    createEvmNetwork(bare, [{ name: "evm", rpc }], "depth");
  return { ...evm, over };
}

suite("deployment", () => {
  test("all contracts come to the addresses that were planned, and all of BTT into the allocation", async () => {
    const { over } = await world(true);
    const network = over();
    const runtime = await createNodeRuntime();
    try {
      const sender = await Sender.open(network, runtime.store, runtime.clock);
      const known = {};
      const planned = await estimateDeployment({ network, parameters, known, from: ann.address });
      const written: string[] = [];
      const options = { network, sender, signer: ann, parameters, known };
      const onDeployed = async ({ name }: { name: string }) => void written.push(name);
      const done = await deployContracts({ ...options, onDeployed });
      assert.deepEqual(
        done.map(({ name, address }) => [name, address]),
        planned.map(({ name, address }) => [name, address]),
      );
      assert.deepEqual(written, [
        ...["Allocation", "BTT", "BandwidthChannels", "SeedBounties", "SeedRewards", "PremiumPass"],
      ]);
      const addresses = Object.fromEntries(done.map(({ name, address }) => [name, address!]));
      const token = { kind: "token", address: addresses.BTT! } as const;
      assert.equal(await balanceOf(network, token, addresses.Allocation!), 10n ** 28n);
      for (const { name, isVerified } of await verifyContracts(network, parameters, addresses))
        assert.ok(isVerified, name);
      const again = await deployContracts({ ...options, onDeployed });
      assert.deepEqual(new Set(again.map(({ state }) => state)), new Set(["there"]));
      const swapped = { ...addresses, BTT: addresses.PremiumPass! };
      const checked = await verifyContracts(network, parameters, swapped);
      assert.ok(checked.some(({ name, isVerified }) => name === "BTT" && !isVerified));
    } finally {
      await runtime.close();
    }
  });

  for (const hasDeployer of [true, false]) {
    const way = hasDeployer ? "CREATE2" : "CREATE";
    test(`killed in between, it goes on where it was, and deploys nothing twice (${way})`, async () => {
      const { over, evm } = await world(hasDeployer);
      const runtime = await createNodeRuntime();
      try {
        const known: Record<string, Address> = {};
        const state = { sends: 0, isDead: false };
        const mortal = faulty(evm, async (method, next) => {
          if (state.isDead) throw new Error("killed");
          const answer = await next();
          if (method === "eth_sendRawTransaction") state.isDead = state.sends++ % 2 === 0;
          return answer;
        });
        const run = async (): Promise<boolean> => {
          state.isDead = false;
          const network = over(mortal);
          try {
            await deployContracts({
              network,
              sender: await Sender.open(network, runtime.store, runtime.clock),
              signer: ann,
              parameters,
              known,
              async onDeployed({ name, address }) {
                known[name] = address!;
              },
            });
            return true;
          } catch {
            return false;
          }
        };
        let runs = 1;
        while (!(await run())) assert.ok(++runs < 20);
        assert.ok(runs >= 3, `${runs} runs`);
        assert.equal(Object.keys(known).length, 6);
        const sender = await Sender.open(over(), runtime.store, runtime.clock);
        assert.equal((await sender.list()).length, 6);
      } finally {
        await runtime.close();
      }
    });
  }
});
