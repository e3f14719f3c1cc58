import { hashTypedData, isAddress, type TypedDataDefinition } from "viem";
import { AccountError } from "../errors.ts";
import { formatEvmAddress, type Hex, toAddress } from "../network/address.ts";
import { type SigningLine, visible } from "./signing-lines.ts";

/** Structures within structures; contracts have three or four. */
const MAX_DEPTH = 16;
/** Values of one structure, all of its parts together: every part has its type hashed anew. */
const MAX_VALUES = 1000;
/** An order of a large market has 4 KiB. */
export const MAX_TYPED_DATA_LENGTH = 32 * 1024;

type Fields = Readonly<Record<string, unknown>>;
type Types = Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>;

/** Structured data, as far as it is signed. */
export interface TypedData {
  readonly digest: Hex;
  readonly primaryType: string;
  /** `Permit(address owner,...)`, with the types that it refers to: by this a structure is known. */
  readonly typeText: string;
  /** Of the domain, what is signed; null where it is not. */
  readonly name: string | null;
  readonly version: string | null;
  readonly chainId: number | null;
  readonly contract: string | null;
  readonly message: Fields;
  /** Every value that is signed, by its path; what is not signed is not shown. */
  readonly lines: readonly SigningLine[];
}

/**
 * Reads structured data.
 * @param text JSON with `domain`, `types`, `primaryType` and `message`.
 * @throws {AccountError} `not-allowed` when it is none, or is more than anybody can read.
 * @see EIP-712
 */
export function readTypedData(text: string): TypedData {
  try {
    if (text.length > MAX_TYPED_DATA_LENGTH) throw new RangeError("it is too long");
    const { domain = {}, types, primaryType, message } = JSON.parse(text) as Partial<Given>;
    if (types === undefined || primaryType === undefined || message === undefined) {
      throw new TypeError("a part is missing");
    }
    if (primaryType === "EIP712Domain") throw new TypeError("nothing but the domain is in it");
    const typesOfDomain = ownOf(types, "EIP712Domain") ?? domainTypesOf(domain);
    const all: Types = { ...types, EIP712Domain: typesOfDomain };
    // First, because it is bounded: hashing walks as deep as it is led.
    const lines = describeStruct(all, primaryType, message, "", { values: 0, depth: 0 });
    const signed = (name: string): unknown =>
      typesOfDomain.some((field) => field.name === name) ? domain[name] : undefined;
    const texts = ["name", "version", "verifyingContract"].map((each) => {
      const value = signed(each);
      return typeof value === "string" ? value : null;
    });
    const [name = null, version = null, contract = null] = texts;
    const chainId = signed("chainId");
    const definition = { domain, types: all, primaryType, message };
    return {
      digest: hashTypedData(definition as unknown as TypedDataDefinition),
      primaryType,
      typeText: textOf(all, primaryType),
      chainId: chainId === undefined ? null : Number(toInteger(chainId)),
      ...{ name, version, contract, message, lines },
    };
  } catch (cause) {
    throw new AccountError("not-allowed", "This is no structured data of EIP-712.", { cause });
  }
}

interface Given {
  readonly domain: Fields;
  readonly types: Types;
  readonly primaryType: string;
  readonly message: Fields;
}

/** What a domain is made of where nobody says so: what it has, in the standard's order. */
function domainTypesOf(domain: Fields): { name: string; type: string }[] {
  const known = [
    { name: "name", type: "string" },
    { name: "version", type: "string" },
    { name: "chainId", type: "uint256" },
    { name: "verifyingContract", type: "address" },
    { name: "salt", type: "bytes32" },
  ];
  return known.filter(({ name }) => domain[name] !== undefined);
}

function describeStruct(
  types: Types,
  type: string,
  value: unknown,
  path: string,
  walk: { values: number; depth: number },
): SigningLine[] {
  const fields = ownOf(types, type);
  if (fields === undefined) throw new TypeError(`${type} is no type`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${path} is no structure`);
  }
  return fields.flatMap((field) => {
    const inner = path === "" ? field.name : `${path}.${field.name}`;
    return describeValue(types, field.type, (value as Fields)[field.name], inner, walk);
  });
}

function describeValue(
  types: Types,
  type: string,
  value: unknown,
  path: string,
  walk: { values: number; depth: number },
): SigningLine[] {
  const inner = { ...walk, depth: walk.depth + 1 };
  walk.values++;
  if (inner.depth > MAX_DEPTH || walk.values > MAX_VALUES) throw new RangeError("it is too much");
  inner.values = walk.values;
  const item = /^(.+)\[\d*\]$/.exec(type)?.[1];
  let lines: SigningLine[];
  if (item !== undefined) {
    if (!Array.isArray(value)) throw new TypeError(`${path} is no list`);
    lines = value.flatMap((each, at) => describeValue(types, item, each, `${path}[${at}]`, inner));
    if (lines.length === 0) lines = [{ label: "field", value: `${visible(path)}: []` }];
  } else if (ownOf(types, type) !== undefined) {
    lines = describeStruct(types, type, value, path, inner);
  } else {
    lines = [{ label: "field", value: `${visible(path)}: ${describeAtom(type, value)}` }];
  }
  walk.values = inner.values;
  return lines;
}

/** A value as it is signed, in the one form that it has. */
function describeAtom(type: string, value: unknown): string {
  if (/^u?int\d+$/.test(type)) return String(toInteger(value));
  if (type === "bool" && typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    if (type === "string") return visible(value);
    if (type === "address" && isAddress(value)) return formatEvmAddress(toAddress(value));
    if (/^bytes\d*$/.test(type) && /^0x(?:[\da-f]{2})*$/i.test(value)) return value.toLowerCase();
  }
  throw new TypeError(`${JSON.stringify(value)} is no ${type}`);
}

/** @throws {TypeError}, {SyntaxError}, {RangeError} for what is no whole number. */
function toInteger(value: unknown): bigint {
  if (typeof value === "string" || typeof value === "number") return BigInt(value);
  throw new TypeError(`${String(value)} is no number`);
}

/** `Order(Item item,uint256 price)Item(string name)`. @see EIP-712, `encodeType` */
function textOf(types: Types, primaryType: string): string {
  const found = new Set<string>();
  const walk = (type: string): void => {
    const name = type.replace(/\[.*$/, "");
    const fields = ownOf(types, name);
    if (fields === undefined || found.has(name)) return;
    found.add(name);
    for (const field of fields) walk(field.type);
  };
  walk(primaryType);
  found.delete(primaryType);
  return [primaryType, ...[...found].toSorted()]
    .map((name) => {
      const fields = (ownOf(types, name) ?? []).map((field) => `${field.type} ${field.name}`);
      return `${name}(${fields.join(",")})`;
    })
    .join("");
}

function ownOf<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
