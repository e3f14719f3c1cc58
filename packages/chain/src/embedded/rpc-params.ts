import { RpcError } from "../errors.ts";
import type { Hex } from "viem";
import { RPC_CODES } from "./rpc-error.ts";

/** What was asked, with its parameters looked at one by one. */
export class RpcParams {
  readonly method: string;
  readonly all: readonly unknown[];

  /** @throws {RpcError} when the parameters are no list. */
  constructor(method: string, params: unknown) {
    if (params !== undefined && !Array.isArray(params)) {
      throw new RpcError(RPC_CODES.invalidParams, `${method} takes its parameters as a list`);
    }
    this.method = method;
    this.all = (params as readonly unknown[] | undefined) ?? [];
  }

  /** @throws {RpcError} */
  hex(index: number, what: string): Hex {
    const value = this.all[index];
    if (typeof value === "string" && /^0x(?:[0-9a-fA-F]{2})*$/.test(value)) {
      return value.toLowerCase() as Hex;
    }
    throw this.#wrong(index, `${what}: an even number of hex digits behind 0x`);
  }

  /** 20 bytes. @throws {RpcError} */
  address(index: number): Hex {
    const value = this.all[index];
    if (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value)) {
      return value.toLowerCase() as Hex;
    }
    throw this.#wrong(index, "an address: 40 hex digits behind 0x");
  }

  /** @throws {RpcError} */
  text(index: number, what: string): string {
    const value = this.all[index];
    if (typeof value === "string") return value;
    throw this.#wrong(index, what);
  }

  /** An object, or an empty one where there is none. @throws {RpcError} */
  record(index: number): Readonly<Record<string, unknown>> {
    const value = this.all[index] ?? {};
    if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
    throw this.#wrong(index, "an object");
  }

  #wrong(index: number, expected: string): RpcError {
    const text = `${this.method} expects ${expected}, as parameter ${index + 1}`;
    return new RpcError(RPC_CODES.invalidParams, text);
  }
}
