import { Message } from "./message.ts";
import { ProtobufWriter } from "./protobuf.ts";

/** A parameter of a function, event or error. */
export interface TronAbiParameter {
  readonly name: string;
  readonly type: string;
  readonly indexed: boolean;
}

export const TRON_ABI_TYPES = [
  "unknown",
  "constructor",
  "function",
  "event",
  "fallback",
  "receive",
  "error",
] as const;
export const TRON_MUTABILITIES = ["unknown", "pure", "view", "nonpayable", "payable"] as const;

/** One entry of the ABI that a deployment carries; nodes hand it to whoever asks for the contract. */
export interface TronAbiEntry {
  readonly type: (typeof TRON_ABI_TYPES)[number];
  readonly name: string;
  readonly inputs: readonly TronAbiParameter[];
  readonly outputs: readonly TronAbiParameter[];
  readonly stateMutability: (typeof TRON_MUTABILITIES)[number];
  readonly anonymous: boolean;
  readonly constant: boolean;
  readonly payable: boolean;
}

/** What compilers write, as far as TRON's ABI holds it (tuples lose their components). */
export interface SolidityAbiEntry {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly SolidityAbiParameter[];
  readonly outputs?: readonly SolidityAbiParameter[];
  readonly stateMutability?: string;
  readonly anonymous?: boolean;
}

export interface SolidityAbiParameter {
  readonly name?: string;
  readonly type: string;
  readonly indexed?: boolean;
}

/** The ABI of a compiler as deployments carry it. Entries of unknown types are left out. */
export function tronAbiOf(abi: readonly SolidityAbiEntry[]): TronAbiEntry[] {
  return abi.flatMap((entry) => {
    const type = TRON_ABI_TYPES.find((known) => known === entry.type);
    if (type === undefined || type === "unknown") return [];
    const mutability =
      TRON_MUTABILITIES.find((known) => known === entry.stateMutability) ?? "unknown";
    return [
      {
        type,
        name: entry.name ?? "",
        inputs: (entry.inputs ?? []).map(parameterOf),
        outputs: (entry.outputs ?? []).map(parameterOf),
        stateMutability: mutability,
        anonymous: entry.anonymous ?? false,
        constant: mutability === "pure" || mutability === "view",
        payable: mutability === "payable",
      },
    ];
  });
}

/** @throws {ChainError} `bad-answer` */
export function decodeTronAbi(bytes: Uint8Array): TronAbiEntry[] {
  return new Message("the ABI", bytes, { 1: "each" }).each(1).map((entryBytes) => {
    const entry = new Message("an entry of the ABI", entryBytes, {
      1: "int",
      2: "int",
      3: "bytes",
      4: "each",
      5: "each",
      6: "int",
      7: "int",
      8: "int",
    });
    return {
      anonymous: entry.flag(1),
      constant: entry.flag(2),
      name: entry.text(3),
      inputs: entry.each(4).map(decodeParameter),
      outputs: entry.each(5).map(decodeParameter),
      type: TRON_ABI_TYPES[entry.number(6)] ?? "unknown",
      payable: entry.flag(7),
      stateMutability: TRON_MUTABILITIES[entry.number(8)] ?? "unknown",
    };
  });
}

export function encodeTronAbi(entries: readonly TronAbiEntry[]): Uint8Array {
  const abi = new ProtobufWriter();
  for (const entry of entries) {
    const writer = new ProtobufWriter()
      .int(1, entry.anonymous ? 1 : 0)
      .int(2, entry.constant ? 1 : 0)
      .text(3, entry.name);
    for (const input of entry.inputs) writer.message(4, encodeParameter(input));
    for (const output of entry.outputs) writer.message(5, encodeParameter(output));
    writer
      .int(6, TRON_ABI_TYPES.indexOf(entry.type))
      .int(7, entry.payable ? 1 : 0)
      .int(8, TRON_MUTABILITIES.indexOf(entry.stateMutability));
    abi.message(1, writer.finish());
  }
  return abi.finish();
}

function parameterOf(parameter: SolidityAbiParameter): TronAbiParameter {
  return {
    name: parameter.name ?? "",
    type: parameter.type,
    indexed: parameter.indexed ?? false,
  };
}

function decodeParameter(bytes: Uint8Array): TronAbiParameter {
  const parameter = new Message("a parameter of the ABI", bytes, {
    1: "int",
    2: "bytes",
    3: "bytes",
  });
  return { indexed: parameter.flag(1), name: parameter.text(2), type: parameter.text(3) };
}

function encodeParameter(parameter: TronAbiParameter): Uint8Array {
  return new ProtobufWriter()
    .int(1, parameter.indexed ? 1 : 0)
    .text(2, parameter.name)
    .text(3, parameter.type)
    .finish();
}
