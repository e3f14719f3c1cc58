import { type Address, type Hex, toAddress } from "../network/address.ts";
import { formatTronAddress, parseTronAddress, tronAddressHex } from "../tron/address.ts";
import type { TronAbiEntry, TronAbiParameter } from "../tron/contract-abi.ts";
import { type TronContract, TRON_CONTRACT_NAMES } from "../tron/contract-codec.ts";
import { decodeTronRawData, type TronTransaction, tronTransactionId } from "../tron/transaction.ts";
import type { IncludedTransaction } from "./included-transaction.ts";
import { BLOCK_VERSION, type ShimBlock } from "./shim-block.ts";
import type { ShimContract } from "./shim-chain.ts";
import type { VmLog } from "./vm.ts";
import type { Json } from "./write-json.ts";

/** An object of JSON, as it is built here. */
export type JsonObject = { readonly [key: string]: Json | undefined };

/** How a request wants addresses and texts: base58 and plain (`visible`), or hexadecimal. */
export class NodeJson {
  readonly #isVisible: boolean;

  constructor(isVisible: boolean) {
    this.#isVisible = isVisible;
  }

  address(address: Address): string {
    return this.#isVisible ? formatTronAddress(address) : tronAddressHex(address);
  }

  /** What a request names; both forms are taken whatever it wants to see. @throws {ChainError} `bad-address` */
  readAddress(text: string): Address {
    return parseTronAddress(
      text.startsWith("0x") && text.length === 42 ? `41${text.slice(2)}` : text,
    );
  }

  /** Bytes that hold a text. */
  message(text: string): string {
    return this.#isVisible ? text : Buffer.from(text).toString("hex");
  }

  /** A transaction as it is before it is in a block. */
  transaction({ rawData, raw, signatures }: TronTransaction): JsonObject {
    return {
      visible: this.#isVisible,
      ...(signatures.length > 0 && { signature: signatures.map(hexOf) }),
      txID: tronTransactionId(rawData),
      raw_data: {
        contract: [
          {
            parameter: {
              value: this.#parameter(raw.contract),
              type_url: `type.googleapis.com/protocol.${typeNameOf(raw.contract)}`,
            },
            type: typeNameOf(raw.contract),
            ...(raw.permissionId !== 0 && { Permission_id: raw.permissionId }),
          },
        ],
        ref_block_bytes: hexOf(raw.refBlockBytes),
        ref_block_hash: hexOf(raw.refBlockHash),
        expiration: raw.expirationMs,
        ...(raw.memo.length > 0 && { data: hexOf(raw.memo) }),
        ...(raw.feeLimitSun > 0n && { fee_limit: raw.feeLimitSun }),
        ...(raw.timestampMs > 0 && { timestamp: raw.timestampMs }),
      },
      raw_data_hex: hexOf(rawData),
    };
  }

  /** A transaction that nobody has signed yet, of its raw data. */
  unsigned(rawData: Uint8Array): JsonObject {
    return this.transaction({ rawData, raw: decodeTronRawData(rawData), signatures: [] });
  }

  included({ transaction, execution }: IncludedTransaction): JsonObject {
    return {
      ret: [{ contractRet: execution?.result ?? "SUCCESS" }],
      ...this.transaction(transaction),
    };
  }

  block(block: ShimBlock, withTransactions = true): JsonObject {
    return {
      blockID: block.id,
      block_header: {
        raw_data: {
          ...(block.number > 0 && { number: block.number }),
          txTrieRoot: block.txTrieRoot,
          witness_address: this.address(block.witness),
          parentHash: block.parentId,
          version: BLOCK_VERSION,
          timestamp: block.timestampMs,
        },
      },
      ...(withTransactions &&
        block.transactions.length > 0 && {
          transactions: block.transactions.map((transaction) => this.included(transaction)),
        }),
    };
  }

  /** `TransactionInfo`: what became of a transaction. */
  info(transaction: IncludedTransaction): JsonObject {
    const { execution } = transaction;
    const isFailure = execution !== null && execution.result !== "SUCCESS";
    return {
      id: transaction.id,
      ...(transaction.feeSun > 0n && { fee: transaction.feeSun }),
      blockNumber: transaction.blockNumber,
      blockTimeStamp: transaction.blockTimestampMs,
      contractResult: [execution?.output.slice(2) ?? ""],
      ...(execution !== null && { contract_address: this.address(execution.contract) }),
      receipt: {
        ...(execution !== null && {
          ...(execution.energyOfStake > 0n && { energy_usage: execution.energyOfStake }),
          ...(execution.energyFeeSun > 0n && { energy_fee: execution.energyFeeSun }),
          energy_usage_total: execution.energy,
          result: execution.result,
        }),
        ...(transaction.netUsage > 0 && { net_usage: transaction.netUsage }),
        ...(transaction.netFeeSun > 0n && { net_fee: transaction.netFeeSun }),
      },
      ...(transaction.logs.length > 0 && { log: transaction.logs.map((log) => this.#log(log)) }),
      ...(isFailure && {
        result: "FAILED",
        resMessage: this.message(failureText(execution.result)),
      }),
    };
  }

  contract({ address, deployment, transactionId }: ShimContract): JsonObject {
    return {
      bytecode: hexOf(deployment.bytecode),
      ...(deployment.consumeUserResourcePercent > 0 && {
        consume_user_resource_percent: deployment.consumeUserResourcePercent,
      }),
      ...(deployment.name !== "" && { name: deployment.name }),
      origin_address: this.address(deployment.owner),
      abi: abiJson(deployment.abi),
      origin_energy_limit: deployment.originEnergyLimit,
      contract_address: this.address(address),
      trx_hash: transactionId,
    };
  }

  #log({ address, topics, data }: VmLog): JsonObject {
    return {
      // The bytes that contracts see: nodes leave the 41 out here, but for `visible`.
      address: this.#isVisible ? formatTronAddress(address) : address.slice(2),
      topics: topics.map((topic) => topic.slice(2)),
      ...(data !== "0x" && { data: data.slice(2) }),
    };
  }

  #parameter(contract: TronContract): JsonObject {
    switch (contract.kind) {
      case "transfer":
        return {
          amount: contract.amountSun,
          owner_address: this.address(contract.owner),
          to_address: this.address(contract.to),
        };
      case "trigger":
        return {
          ...(contract.data.length > 0 && { data: hexOf(contract.data) }),
          owner_address: this.address(contract.owner),
          contract_address: this.address(contract.contract),
          ...(contract.callValueSun !== 0n && { call_value: contract.callValueSun }),
          ...(contract.tokenValue !== 0n && { call_token_value: contract.tokenValue }),
          ...(contract.tokenId !== 0n && { token_id: contract.tokenId }),
        };
      case "deploy":
        return {
          owner_address: this.address(contract.owner),
          new_contract: {
            bytecode: hexOf(contract.bytecode),
            ...(contract.consumeUserResourcePercent > 0 && {
              consume_user_resource_percent: contract.consumeUserResourcePercent,
            }),
            ...(contract.name !== "" && { name: contract.name }),
            origin_address: this.address(contract.owner),
            abi: abiJson(contract.abi),
            ...(contract.originEnergyLimit !== 0n && {
              origin_energy_limit: contract.originEnergyLimit,
            }),
            ...(contract.callValueSun !== 0n && { call_value: contract.callValueSun }),
          },
        };
      default:
        return { value: hexOf(contract.value) };
    }
  }
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** What executions say when they fail. */
export function failureText(result: string): string {
  if (result === "REVERT") return "REVERT opcode executed";
  if (result === "OUT_OF_ENERGY") return "Not enough energy for the execution";
  if (result === "OUT_OF_TIME") return "CPU timeout for the execution";
  return result;
}

/** The contract's address among topics: the last 20 bytes. */
export function addressOfTopic(topic: Hex | undefined): Address {
  return toAddress(`0x${(topic ?? "").slice(-40).padStart(40, "0")}`);
}

function typeNameOf(contract: TronContract): string {
  return contract.kind === "other" ? contract.typeName : TRON_CONTRACT_NAMES[contract.kind];
}

function abiJson(abi: readonly TronAbiEntry[]): JsonObject {
  if (abi.length === 0) return {};
  return {
    entrys: abi.map((entry) => ({
      ...(entry.anonymous && { anonymous: true }),
      ...(entry.constant && { constant: true }),
      ...(entry.inputs.length > 0 && { inputs: entry.inputs.map(parameterJson) }),
      ...(entry.name !== "" && { name: entry.name }),
      ...(entry.outputs.length > 0 && { outputs: entry.outputs.map(parameterJson) }),
      ...(entry.payable && { payable: true }),
      type: capital(entry.type),
      ...(entry.stateMutability !== "unknown" && {
        stateMutability: capital(entry.stateMutability),
      }),
    })),
  };
}

function parameterJson({ indexed, name, type }: TronAbiParameter): JsonObject {
  return { ...(indexed && { indexed }), ...(name !== "" && { name }), type };
}

/** As the enumerations of the protocol are called. */
function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
