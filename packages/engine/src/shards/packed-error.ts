import { BencodeError, MagnetError, MetainfoError } from "@shoal/protocol";
import {
  DiskError,
  DnsError,
  HttpError,
  NetError,
  PoolExhaustedError,
  StoreError,
} from "@shoal/runtime";
import { PeerError, SessionError, TorrentError, WebSeedError } from "../errors.ts";

/** An error as it goes from thread to thread: a structured clone would keep neither its class nor its code. */
export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  /** `code`, `path` and whatever else is a plain value. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause: PackedError | null;
}

/** Causes of causes that are told. */
const MAX_CAUSES = 8;

const CLASSES: ReadonlyMap<string, object> = new Map(
  [
    BencodeError,
    DiskError,
    DnsError,
    HttpError,
    MagnetError,
    MetainfoError,
    NetError,
    PeerError,
    PoolExhaustedError,
    RangeError,
    SessionError,
    StoreError,
    TorrentError,
    TypeError,
    WebSeedError,
  ].map(({ name, prototype }): [string, object] => [name, prototype]),
);

export function packError(error: unknown, causes = MAX_CAUSES): PackedError {
  const known = error instanceof Error ? error : new Error(String(error));
  const fields = Object.entries(known).filter(
    ([key, value]) => key !== "name" && (typeof value !== "object" || value === null),
  );
  return {
    name: known.name,
    message: known.message,
    stack: known.stack ?? null,
    fields: Object.fromEntries(fields.filter(([, value]) => typeof value !== "function")),
    cause: known.cause === undefined || causes === 0 ? null : packError(known.cause, causes - 1),
  };
}

/** @returns An error of the same class, with the same code and fields. */
export function reviveError(packed: PackedError): Error {
  const { name, message, stack, fields, cause } = packed;
  const error = new Error(message, cause === null ? {} : { cause: reviveError(cause) });
  const prototype = CLASSES.get(name);
  if (prototype !== undefined) Object.setPrototypeOf(error, prototype);
  if (error.name !== name) error.name = name;
  if (stack !== null) error.stack = stack;
  return Object.assign(error, fields);
}

type WithPacked<Value> = Value extends { readonly error: infer Held }
  ? Held extends Error | null
    ? Omit<Value, "error"> & { readonly error: PackedError | null }
    : Value
  : Value;

/** A value whose `error`, where it has one, is packed. */
export type Packed<Value> = Value extends unknown ? WithPacked<Value> : never;

export function pack<Value extends object>(value: Value): Packed<Value> {
  const { error } = value as { error?: unknown };
  return (error instanceof Error ? { ...value, error: packError(error) } : value) as Packed<Value>;
}

/** The opposite of {@link pack}. */
export function revive<Value extends object>(packed: Packed<Value>): Value {
  const { error } = packed as { error?: PackedError | null };
  const isPacked = error !== undefined && error !== null;
  return isPacked ? { ...packed, error: reviveError(error) } : packed;
}
