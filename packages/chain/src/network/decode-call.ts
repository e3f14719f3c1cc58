import { type Abi, decodeFunctionData } from "viem";
import type { Hex } from "./address.ts";

/** A call, read by the ABI of what is called. */
export interface DecodedCall {
  readonly functionName: string;
  /** In the order of the function's inputs. */
  readonly args: readonly unknown[];
}

/** Reads a call's data. @returns null where the ABI has no such function, or the data does not fit it. */
export function decodeCall(abi: Abi, data: Hex): DecodedCall | null {
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi, data });
    return { functionName, args };
  } catch {
    return null;
  }
}
