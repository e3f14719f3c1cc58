import { keccak256, stringToHex } from "viem";
import { type Address, type Hex, ZERO_ADDRESS } from "../network/address.ts";
import { type SolidityAbiEntry, tronAbiOf } from "../tron/contract-abi.ts";
import type { TronContract } from "../tron/contract-codec.ts";
import {
  decodeTronTransaction,
  decodeTronRawData,
  encodeTronRawData,
  tronTransactionId,
  type TronTransaction,
} from "../tron/transaction.ts";
import { tronContractAddress } from "../tron/address.ts";
import { refuseUnreadable } from "./admission.ts";
import { listParameters } from "./chain-parameters.ts";
import { failureText, hexOf, type JsonObject, NodeJson } from "./node-json.ts";
import type { Parameters } from "./parameters.ts";
import { refuseContract, type Refusal } from "./refusal.ts";
import { refBlockBytes, refBlockHash, type ShimBlock } from "./shim-block.ts";
import type { ShimChain } from "./shim-chain.ts";
import type { VmOutcome } from "./vm.ts";

/** Where deployments that are only tried out are put. */
const NOWHERE = "0x000000000000000000000000000000000000dead" as Address;
/** What nodes give the transactions that they build. */
const LIFETIME_MS = 60_000;

/** What a node knows: everything (`wallet/`), or only what is solid (`walletsolidity/`). */
export type Horizon = "latest" | "solid";

type Answer = JsonObject | readonly JsonObject[] | Promise<JsonObject>;

/**
 * The node's own HTTP API, as far as wallets use it: each method under its name in the path.
 * @see the reference of TRON's full node HTTP API
 */
export class NodeRoutes {
  readonly #chain: ShimChain;

  constructor(chain: ShimChain) {
    this.#chain = chain;
  }

  /** @returns null when there is no such method. */
  answer(method: string, parameters: Parameters, horizon: Horizon): Answer | null {
    const json = new NodeJson(parameters.flag("visible"));
    switch (method) {
      case "getnowblock":
        return json.block(this.#newest(horizon));
      case "getblock":
        return this.#getBlock(json, parameters, horizon);
      case "getblockbynum":
        return this.#blockOrNothing(json, this.#blockAt(parameters.number("num"), horizon));
      case "getblockbyid":
        return this.#blockOrNothing(json, this.#chain.blockById(parameters.text("value")));
      case "getblockbylimitnext":
        return this.#blocks(json, parameters, horizon);
      case "gettransactionbyid":
      case "gettransactioninfobyid":
        return this.#transaction(json, method, parameters, horizon);
      case "gettransactioninfobyblocknum":
        return (
          this.#blockAt(parameters.number("num"), horizon)?.transactions.map((each) =>
            json.info(each),
          ) ?? []
        );
      case "getaccount":
        return this.#account(json, parameters, horizon);
      case "triggerconstantcontract":
      case "estimateenergy":
        return this.#simulate(json, method, parameters, horizon);
      default:
        return horizon === "solid" ? null : this.#answerFullNode(method, json, parameters);
    }
  }

  #answerFullNode(method: string, json: NodeJson, parameters: Parameters): Answer | null {
    switch (method) {
      case "gettransactionfrompending": {
        const pending = this.#chain.findPending(parameters.text("value"));
        return pending === null ? {} : json.transaction(pending);
      }
      case "getaccountresource":
        return this.#resources(json, parameters);
      case "getcontract": {
        const contract = this.#chain.contract(json.readAddress(parameters.text("value")));
        return contract === null ? {} : json.contract(contract);
      }
      case "getchainparameters":
        return { chainParameter: listParameters(this.#chain.parameters) };
      case "getenergyprices":
        return { prices: `0:${this.#chain.parameters.energyFeeSun}` };
      case "getnodeinfo":
        return { configNodeInfo: { codeVersion: "4.8.0", p2pVersion: "0" } };
      case "createtransaction":
        return this.#createTransfer(json, parameters);
      case "triggersmartcontract":
        return this.#createTrigger(json, parameters);
      case "deploycontract":
        return this.#createDeployment(json, parameters);
      case "broadcasttransaction":
        return this.#broadcastJson(json, parameters);
      case "broadcasthex":
        return this.#broadcastHex(parameters);
      default:
        return null;
    }
  }

  #newest(horizon: Horizon): ShimBlock {
    return horizon === "solid" ? this.#chain.solid : this.#chain.head;
  }

  #blockAt(number: number, horizon: Horizon): ShimBlock | null {
    return number > this.#newest(horizon).number ? null : this.#chain.block(number);
  }

  #blockOrNothing(json: NodeJson, block: ShimBlock | null): JsonObject {
    return block === null ? {} : json.block(block);
  }

  #getBlock(json: NodeJson, parameters: Parameters, horizon: Horizon): JsonObject {
    const which = parameters.text("id_or_num");
    let block: ShimBlock | null;
    if (which === "") block = this.#newest(horizon);
    else if (/^\d{1,15}$/.test(which)) block = this.#blockAt(Number(which), horizon);
    else block = this.#chain.blockById(which);
    return block === null ? {} : json.block(block, parameters.flag("detail"));
  }

  #blocks(json: NodeJson, parameters: Parameters, horizon: Horizon): JsonObject {
    const from = parameters.number("startNum");
    const end = Math.min(parameters.number("endNum"), from + 100);
    const block: JsonObject[] = [];
    for (let number = from; number < end; number++) {
      const found = this.#blockAt(number, horizon);
      if (found !== null) block.push(json.block(found));
    }
    return { block };
  }

  #transaction(
    json: NodeJson,
    method: string,
    parameters: Parameters,
    horizon: Horizon,
  ): JsonObject {
    const found = this.#chain.find(parameters.text("value"));
    if (found === null || found.blockNumber > this.#newest(horizon).number) return {};
    return method === "gettransactionbyid" ? json.included(found) : json.info(found);
  }

  async #account(json: NodeJson, parameters: Parameters, horizon: Horizon): Promise<JsonObject> {
    const address = json.readAddress(parameters.text("address"));
    if (!this.#chain.exists(address)) return {};
    const balance = await this.#chain.balance(address, this.#newest(horizon).number);
    const isContract = this.#chain.contract(address) !== null;
    return {
      address: json.address(address),
      ...(balance > 0n && { balance }),
      ...(isContract && { type: "Contract" }),
    };
  }

  #resources(json: NodeJson, parameters: Parameters): JsonObject {
    const address = json.readAddress(parameters.text("address"));
    if (!this.#chain.exists(address)) return {};
    const used = this.#chain.freeNetUsed(address);
    const stake = this.#chain.stakedEnergy(address);
    return {
      ...(used > 0 && { freeNetUsed: used }),
      freeNetLimit: this.#chain.parameters.freeNetLimit,
      TotalNetLimit: 43_200_000_000,
      TotalNetWeight: 26_000_000_000,
      ...(stake > 0n && { EnergyLimit: stake }),
      TotalEnergyLimit: 180_000_000_000,
      TotalEnergyWeight: 19_000_000_000,
    };
  }

  #createTransfer(json: NodeJson, parameters: Parameters): JsonObject {
    const contract: TronContract = {
      kind: "transfer",
      owner: json.readAddress(parameters.text("owner_address")),
      to: json.readAddress(parameters.text("to_address")),
      amountSun: parameters.integer("amount"),
    };
    return json.unsigned(this.#build(contract, 0n));
  }

  #createTrigger(json: NodeJson, parameters: Parameters): JsonObject {
    const contract = json.readAddress(parameters.text("contract_address"));
    if (this.#chain.contract(contract) === null) {
      return { result: this.#refused(json, refuseContract("No contract or not a smart contract")) };
    }
    const trigger: TronContract = {
      kind: "trigger",
      owner: json.readAddress(parameters.text("owner_address")),
      contract,
      callValueSun: parameters.integer("call_value"),
      data: callDataOf(parameters),
      tokenValue: parameters.integer("call_token_value"),
      tokenId: parameters.integer("token_id"),
    };
    const transaction = json.unsigned(this.#build(trigger, parameters.integer("fee_limit")));
    return { result: { result: true }, transaction };
  }

  #createDeployment(json: NodeJson, parameters: Parameters): JsonObject {
    const owner = json.readAddress(parameters.text("owner_address"));
    const deployment: TronContract = {
      kind: "deploy",
      owner,
      name: parameters.text("name"),
      bytecode: Buffer.from(parameters.text("bytecode") + parameters.text("parameter"), "hex"),
      abi: tronAbiOf(parameters.list("abi") as SolidityAbiEntry[]),
      callValueSun: parameters.integer("call_value"),
      consumeUserResourcePercent: parameters.number("consume_user_resource_percent"),
      originEnergyLimit: parameters.integer("origin_energy_limit"),
      tokenValue: 0n,
      tokenId: 0n,
    };
    const rawData = this.#build(deployment, parameters.integer("fee_limit"));
    const address = json.address(tronContractAddress(tronTransactionId(rawData), owner));
    return { ...json.unsigned(rawData), contract_address: address };
  }

  #build(contract: TronContract, feeLimitSun: bigint): Uint8Array {
    const { number, id, timestampMs } = this.#chain.head;
    return encodeTronRawData({
      refBlockBytes: Buffer.from(refBlockBytes(number), "hex"),
      refBlockHash: Buffer.from(refBlockHash(id), "hex"),
      expirationMs: timestampMs + LIFETIME_MS,
      timestampMs,
      feeLimitSun,
      memo: new Uint8Array(),
      permissionId: 0,
      contract,
    });
  }

  async #broadcastJson(json: NodeJson, parameters: Parameters): Promise<JsonObject> {
    const rawData = Buffer.from(parameters.text("raw_data_hex"), "hex");
    const txid = tronTransactionId(rawData);
    const claimed = parameters.text("txID");
    let refusal: Refusal | null;
    if (claimed !== "" && claimed !== txid) {
      refusal = { code: "OTHER_ERROR", message: "txID is not the hash of raw_data_hex" };
    } else {
      const signatures = parameters
        .list("signature")
        .map((text) => Buffer.from(typeof text === "string" ? text : "", "hex"));
      refusal = await this.#take(() => ({ rawData, raw: decodeTronRawData(rawData), signatures }));
    }
    return refusal === null ? { result: true, txid } : { ...this.#refused(json, refusal), txid };
  }

  async #broadcastHex(parameters: Parameters): Promise<JsonObject> {
    const bytes = Buffer.from(parameters.text("transaction"), "hex");
    let txid = "";
    const refusal = await this.#take(() => {
      const transaction = decodeTronTransaction(bytes);
      txid = tronTransactionId(transaction.rawData);
      return transaction;
    });
    // This method alone writes messages as they are, and `SUCCESS` beside them.
    if (refusal === null) return { result: true, code: "SUCCESS", txid, message: "" };
    return { result: false, code: refusal.code, txid, message: refusal.message };
  }

  async #take(read: () => TronTransaction): Promise<Refusal | null> {
    let transaction: TronTransaction;
    try {
      transaction = read();
    } catch (error) {
      return refuseUnreadable(error);
    }
    return this.#chain.broadcast(transaction);
  }

  async #simulate(
    json: NodeJson,
    method: string,
    parameters: Parameters,
    horizon: Horizon,
  ): Promise<JsonObject> {
    const owner = json.readAddress(parameters.text("owner_address"));
    const named = parameters.text("contract_address");
    const contract = named === "" ? null : json.readAddress(named);
    const data = callDataOf(parameters);
    if (contract !== null && this.#chain.contract(contract) === null) {
      return { result: this.#refused(json, refuseContract("Smart contract is not exist.")) };
    }
    const hex: Hex = `0x${hexOf(data)}`;
    const valueSun = parameters.integer("call_value");
    const call = { from: owner, to: contract ?? NOWHERE, valueSun };
    let outcome: VmOutcome;
    if (contract === null) {
      outcome = await this.#chain.simulate({ ...call, data: "0x", initCode: hex });
    } else if (horizon === "solid") {
      outcome = await this.#chain.callAt({ ...call, data: hex }, this.#chain.solid.number);
    } else outcome = await this.#chain.simulate({ ...call, data: hex });
    return method === "estimateenergy"
      ? estimateOf(json, outcome)
      : this.#constantResult(json, outcome, contract, owner, data);
  }

  #constantResult(
    json: NodeJson,
    outcome: VmOutcome,
    contract: Address | null,
    owner: Address,
    data: Uint8Array,
  ): JsonObject {
    const isSuccess = outcome.result === "SUCCESS";
    const trigger: TronContract = {
      kind: "trigger",
      owner,
      contract: contract ?? ZERO_ADDRESS,
      callValueSun: 0n,
      data,
      tokenValue: 0n,
      tokenId: 0n,
    };
    return {
      result: {
        result: true,
        ...(!isSuccess && { message: json.message(failureText(outcome.result)) }),
      },
      energy_used: outcome.energy,
      constant_result: [outcome.output.slice(2)],
      ...(outcome.logs.length > 0 && {
        logs: outcome.logs.map(({ address, topics, data: logData }) => ({
          address: address.slice(2),
          data: logData.slice(2),
          topics: topics.map((topic) => topic.slice(2)),
        })),
      }),
      transaction: {
        ret: [isSuccess ? {} : { ret: "FAILED" }],
        ...json.unsigned(this.#build(trigger, 0n)),
      },
    };
  }

  #refused(json: NodeJson, { code, message }: Refusal): JsonObject {
    return { code, message: json.message(message) };
  }
}

function estimateOf(json: NodeJson, outcome: VmOutcome): JsonObject {
  return outcome.result === "SUCCESS"
    ? { result: { result: true }, energy_required: outcome.energy }
    : {
        result: { code: "CONTRACT_EXE_ERROR", message: json.message(failureText(outcome.result)) },
      };
}

/** Selector and arguments: of `data`, or of a signature in words and `parameter`. */
function callDataOf(parameters: Parameters): Uint8Array {
  const selector = parameters.text("function_selector");
  if (selector === "") return Buffer.from(parameters.text("data"), "hex");
  const hash = keccak256(stringToHex(selector)).slice(2, 10);
  return Buffer.from(hash + parameters.text("parameter"), "hex");
}
