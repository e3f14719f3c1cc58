import type { TypedData } from "./typed-data.ts";
import { type Address, toAddress } from "../network/address.ts";

/** A signature by which somebody may take tokens of the signer, without any transaction of his. */
export interface Permit {
  readonly token: Address;
  readonly spender: Address;
  /** In the token's smallest unit. */
  readonly amount: bigint;
  /** Seconds since 1970 until which it can be used. */
  readonly deadline: bigint;
}

type Fields = Readonly<Record<string, unknown>>;

/** The most that DAI's permit knows: yes or no. */
const EVERYTHING = (1n << 256n) - 1n;

const DETAILS = "PermitDetails(address token,uint160 amount,uint48 expiration,uint48 nonce)";
const PERMISSIONS = "TokenPermissions(address token,uint256 amount)";

type Read = (message: Fields, contract: Address) => Permit[];

/** By their whole types. */
const OWN: Readonly<Record<string, Read>> = {
  "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)": (
    message,
    token,
  ) => [{ token, ...spending(message, "value"), deadline: number(message["deadline"]) }],
  // DAI's, before there was a standard.
  "Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)": (
    message,
    token,
  ) => {
    const amount = message["allowed"] === true ? EVERYTHING : 0n;
    const spender = toAddress(String(message["spender"]));
    return [{ token, spender, amount, deadline: number(message["expiry"]) }];
  },
  [`PermitSingle(PermitDetails details,address spender,uint256 sigDeadline)${DETAILS}`]: (
    message,
  ) => [permitOf(message, message["details"] as Fields, "expiration")],
  [`PermitBatch(PermitDetails[] details,address spender,uint256 sigDeadline)${DETAILS}`]: (
    message,
  ) => (message["details"] as Fields[]).map((each) => permitOf(message, each, "expiration")),
  [`PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline)${PERMISSIONS}`]:
    (message) => [permitOf(message, message["permitted"] as Fields)],
  [`PermitBatchTransferFrom(TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline)${PERMISSIONS}`]:
    (message) => (message["permitted"] as Fields[]).map((each) => permitOf(message, each)),
};

/**
 * Reads structured data that gives leave to spend tokens. A structure is known by all of its fields, in their order: what
 * only bears such a name is none.
 * @returns null when it is nothing of the kind.
 * @see EIP-2612; Uniswap's Permit2
 */
export function readPermits({ typeText, message, contract }: TypedData): Permit[] | null {
  const read = Object.hasOwn(OWN, typeText) ? OWN[typeText] : undefined;
  return contract === null || read === undefined ? null : read(message, toAddress(contract));
}

/** Of Permit2: which token, and how much, stand in a structure of their own. */
function permitOf(message: Fields, details: Fields, until?: string): Permit {
  return {
    token: toAddress(String(details["token"])),
    spender: toAddress(String(message["spender"])),
    amount: number(details["amount"]),
    deadline: until === undefined ? number(message["deadline"]) : number(details[until]),
  };
}

function spending(message: Fields, name: string): Pick<Permit, "spender" | "amount"> {
  return { spender: toAddress(String(message["spender"])), amount: number(message[name]) };
}

function number(value: unknown): bigint {
  return BigInt(value as string | number);
}
