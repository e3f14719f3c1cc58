import type { Address } from "../network/address.ts";
import { addressOfTronBytes, tronAddressBytes } from "./address.ts";
import { decodeTronAbi, encodeTronAbi, type TronAbiEntry } from "./contract-abi.ts";
import { Message } from "./message.ts";
import { ProtobufWriter } from "./protobuf.ts";

/** TRX from account to account. */
export interface TronTransfer {
  readonly kind: "transfer";
  readonly owner: Address;
  readonly to: Address;
  readonly amountSun: bigint;
}

/** A call of a contract. */
export interface TronTrigger {
  readonly kind: "trigger";
  readonly owner: Address;
  readonly contract: Address;
  readonly callValueSun: bigint;
  readonly data: Uint8Array;
  /** TRC-10 tokens that go with the call. */
  readonly tokenValue: bigint;
  readonly tokenId: bigint;
}

/** A new contract. */
export interface TronDeployment {
  readonly kind: "deploy";
  readonly owner: Address;
  readonly name: string;
  /** Init code, the constructor's arguments appended. */
  readonly bytecode: Uint8Array;
  readonly abi: readonly TronAbiEntry[];
  readonly callValueSun: bigint;
  /** Percentage of the energy that callers pay; the rest is the owner's, within `originEnergyLimit`. */
  readonly consumeUserResourcePercent: number;
  readonly originEnergyLimit: bigint;
  readonly tokenValue: bigint;
  readonly tokenId: bigint;
}

/** Any of the other kinds: recognised, and not looked into. */
export interface TronOtherContract {
  readonly kind: "other";
  readonly type: number;
  readonly typeName: string;
  readonly value: Uint8Array;
}

/** What a transaction does. TRON calls this its contract. */
export type TronContract = TronTransfer | TronTrigger | TronDeployment | TronOtherContract;

const TYPE_URL = "type.googleapis.com/protocol.";
const TRANSFER = 1;
const DEPLOY = 30;
const TRIGGER = 31;

/** The names of the kinds that are looked into. */
export const TRON_CONTRACT_NAMES = {
  transfer: "TransferContract",
  trigger: "TriggerSmartContract",
  deploy: "CreateSmartContract",
} as const;

const NAME_OF_TYPE: Readonly<Record<number, string>> = {
  [TRANSFER]: TRON_CONTRACT_NAMES.transfer,
  [DEPLOY]: TRON_CONTRACT_NAMES.deploy,
  [TRIGGER]: TRON_CONTRACT_NAMES.trigger,
};

/**
 * `Transaction.Contract`.
 * @throws {ChainError} `bad-answer`, `bad-address`
 */
export function decodeTronContract(bytes: Uint8Array): {
  contract: TronContract;
  permissionId: number;
} {
  const outer = new Message("the contract", bytes, { 1: "int", 2: "bytes", 5: "int" });
  const type = outer.number(1);
  const any = new Message("the contract's parameter", outer.bytes(2), { 1: "bytes", 2: "bytes" });
  const url = any.text(1);
  const value = any.bytes(2);
  const permissionId = outer.number(5);
  const expected = NAME_OF_TYPE[type];
  if (!url.startsWith(TYPE_URL)) throw outer.broken(`a parameter of type ${JSON.stringify(url)}`);
  const typeName = url.slice(TYPE_URL.length);
  if (expected === undefined) {
    return { contract: { kind: "other", type, typeName, value }, permissionId };
  }
  if (typeName !== expected) throw outer.broken(`type ${type}, but a ${typeName}`);
  if (type === TRANSFER) return { contract: decodeTransfer(value), permissionId };
  return {
    contract: type === TRIGGER ? decodeTrigger(value) : decodeDeployment(value),
    permissionId,
  };
}

/** `Transaction.Contract`; the inverse of `decodeTronContract`. */
export function encodeTronContract(contract: TronContract, permissionId: number): Uint8Array {
  const [type, name, value] = encodeParameter(contract);
  const any = new ProtobufWriter().text(1, `${TYPE_URL}${name}`).message(2, value).finish();
  return new ProtobufWriter().int(1, type).message(2, any).int(5, permissionId).finish();
}

function encodeParameter(contract: TronContract): [number, string, Uint8Array] {
  switch (contract.kind) {
    case "transfer":
      return [TRANSFER, TRON_CONTRACT_NAMES.transfer, encodeTransfer(contract)];
    case "trigger":
      return [TRIGGER, TRON_CONTRACT_NAMES.trigger, encodeTrigger(contract)];
    case "deploy":
      return [DEPLOY, TRON_CONTRACT_NAMES.deploy, encodeDeployment(contract)];
    default:
      return [contract.type, contract.typeName, contract.value];
  }
}

function decodeTransfer(bytes: Uint8Array): TronTransfer {
  const message = new Message(TRON_CONTRACT_NAMES.transfer, bytes, {
    1: "bytes",
    2: "bytes",
    3: "int",
  });
  return {
    kind: "transfer",
    owner: addressOfTronBytes(message.bytes(1)),
    to: addressOfTronBytes(message.bytes(2)),
    amountSun: message.int(3),
  };
}

function encodeTransfer(transfer: TronTransfer): Uint8Array {
  return new ProtobufWriter()
    .bytes(1, tronAddressBytes(transfer.owner))
    .bytes(2, tronAddressBytes(transfer.to))
    .int(3, transfer.amountSun)
    .finish();
}

function decodeTrigger(bytes: Uint8Array): TronTrigger {
  const message = new Message(TRON_CONTRACT_NAMES.trigger, bytes, {
    1: "bytes",
    2: "bytes",
    3: "int",
    4: "bytes",
    5: "int",
    6: "int",
  });
  return {
    kind: "trigger",
    owner: addressOfTronBytes(message.bytes(1)),
    contract: addressOfTronBytes(message.bytes(2)),
    callValueSun: message.int(3),
    data: message.bytes(4),
    tokenValue: message.int(5),
    tokenId: message.int(6),
  };
}

function encodeTrigger(trigger: TronTrigger): Uint8Array {
  return new ProtobufWriter()
    .bytes(1, tronAddressBytes(trigger.owner))
    .bytes(2, tronAddressBytes(trigger.contract))
    .int(3, trigger.callValueSun)
    .bytes(4, trigger.data)
    .int(5, trigger.tokenValue)
    .int(6, trigger.tokenId)
    .finish();
}

function decodeDeployment(bytes: Uint8Array): TronDeployment {
  const message = new Message(TRON_CONTRACT_NAMES.deploy, bytes, {
    1: "bytes",
    2: "bytes",
    3: "int",
    4: "int",
  });
  const contract = new Message("SmartContract", message.bytes(2), {
    1: "bytes",
    3: "bytes",
    4: "bytes",
    5: "int",
    6: "int",
    7: "bytes",
    8: "int",
  });
  const owner = addressOfTronBytes(message.bytes(1));
  if (addressOfTronBytes(contract.bytes(1)) !== owner) {
    throw contract.broken("another origin than the owner");
  }
  return {
    kind: "deploy",
    owner,
    name: contract.text(7),
    bytecode: contract.bytes(4),
    abi: decodeTronAbi(contract.bytes(3)),
    callValueSun: contract.int(5),
    consumeUserResourcePercent: Number(contract.int(6)),
    originEnergyLimit: contract.int(8),
    tokenValue: message.int(3),
    tokenId: message.int(4),
  };
}

function encodeDeployment(deployment: TronDeployment): Uint8Array {
  const owner = tronAddressBytes(deployment.owner);
  const contract = new ProtobufWriter()
    .bytes(1, owner)
    .message(3, encodeTronAbi(deployment.abi))
    .bytes(4, deployment.bytecode)
    .int(5, deployment.callValueSun)
    .int(6, deployment.consumeUserResourcePercent)
    .text(7, deployment.name)
    .int(8, deployment.originEnergyLimit)
    .finish();
  return new ProtobufWriter()
    .bytes(1, owner)
    .message(2, contract)
    .int(3, deployment.tokenValue)
    .int(4, deployment.tokenId)
    .finish();
}
