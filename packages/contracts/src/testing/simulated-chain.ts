import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { type Abi, type Address, encodeDeployData, encodeFunctionData, type Hex } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import type { ContractArtifact } from "../compiler/contract-artifact.ts";

/** A contract under test: where it is, and how it is called. */
export interface Deployed {
  readonly address: Address;
  readonly abi: Abi;
  /** Gas of the deployment. */
  readonly gasUsed: number;
}

/** A call of a contract, as a transaction makes it. */
export interface Call {
  readonly to: Deployed;
  readonly name: string;
  readonly with: readonly unknown[];
  readonly valueWei?: bigint;
}

/** An EVM of `paris` in this process: gas is what it would be on any network of that level. */
export interface SimulatedChain {
  /** The chain's time now, in seconds since 1970. */
  readonly timeSeconds: bigint;
  /** An account with coins for gas, the same one for the same number. */
  account(number: number): Promise<PrivateKeyAccount>;
  deploy(artifact: ContractArtifact, constructorArguments: readonly unknown[]): Promise<Deployed>;
  /**
   * @returns gas used by the whole transaction.
   * @throws {Error} when it reverts.
   */
  send(from: PrivateKeyAccount, call: Call): Promise<number>;
  /** What a view returns, encoded. */
  read(call: Call): Promise<Hex>;
  /** The next block comes so much later. */
  wait(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** The chain id is part of what is signed, and with it of the gas to the byte. */
export const SIMULATED_CHAIN_ID = 31_337;

const GENESIS_SECONDS = 1_800_000_000;

/** Starts a chain; nothing of it outlives `close`. */
export async function createSimulatedChain(): Promise<SimulatedChain> {
  const folder = mkdtempSync(join(tmpdir(), "shoal-simulated-chain-"));
  const hardhat = await createHardhatRuntimeEnvironment(
    {
      paths: { cache: join(folder, "cache"), artifacts: join(folder, "artifacts") },
      networks: {
        paris: {
          type: "edr-simulated",
          chainId: SIMULATED_CHAIN_ID,
          hardfork: "merge",
          blockGasLimit: 30_000_000,
          initialBaseFeePerGas: 0,
          gasPrice: 0,
          initialDate: new Date(GENESIS_SECONDS * 1000),
          mining: { auto: true },
        },
      },
    },
    {},
    join(import.meta.dirname, "..", ".."),
  );
  const connection = await hardhat.network.create("paris");
  const request = (method: string, ...params: unknown[]): Promise<unknown> =>
    connection.provider.request({ method, params });
  let timeSeconds = BigInt(GENESIS_SECONDS);

  async function mine(transaction: Readonly<Record<string, unknown>>) {
    timeSeconds += 1n;
    await request("evm_setNextBlockTimestamp", `0x${timeSeconds.toString(16)}`);
    const hash = await request("eth_sendTransaction", {
      gas: "0x1c00000",
      gasPrice: "0x0",
      ...transaction,
    });
    return (await request("eth_getTransactionReceipt", hash)) as {
      readonly gasUsed: Hex;
      readonly contractAddress: Address;
    };
  }

  const account = async (number: number) => {
    const created = privateKeyToAccount(`0x${number.toString(16).padStart(64, "0")}`);
    await request("hardhat_impersonateAccount", created.address);
    await request("hardhat_setBalance", created.address, `0x${(10n ** 30n).toString(16)}`);
    return created;
  };
  const deployer = await account(1);

  return {
    get timeSeconds() {
      return timeSeconds;
    },
    account,
    async deploy(artifact, constructorArguments) {
      const abi = artifact.abi as Abi;
      const data = encodeDeployData({
        abi,
        bytecode: artifact.bytecode,
        args: [...constructorArguments],
      });
      const { contractAddress, gasUsed } = await mine({ from: deployer.address, data });
      return { address: contractAddress, abi, gasUsed: Number(gasUsed) };
    },
    async send(from, call) {
      const value = `0x${(call.valueWei ?? 0n).toString(16)}`;
      const { gasUsed } = await mine({
        from: from.address,
        to: call.to.address,
        data: encode(call),
        value,
      });
      return Number(gasUsed);
    },
    async read(call) {
      return (await request("eth_call", { to: call.to.address, data: encode(call) })) as Hex;
    },
    async wait(seconds) {
      timeSeconds += BigInt(seconds);
    },
    async close() {
      await connection.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function encode(call: Call): Hex {
  return encodeFunctionData({ abi: call.to.abi, functionName: call.name, args: [...call.with] });
}
