import { type Address, type Hex, parseSignature, signatureToCompactSignature } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { SIMULATED_CHAIN_ID } from "./simulated-chain.ts";

/** EIP-712 types as the contracts have them; viem hashes by them on its own. */
export const CHANNEL_TYPES = {
  Voucher: [
    { name: "channelId", type: "bytes32" },
    { name: "total", type: "uint256" },
  ],
  Close: [
    { name: "channelId", type: "bytes32" },
    { name: "total", type: "uint256" },
  ],
  Receipt: [
    { name: "channelId", type: "bytes32" },
    { name: "torrent", type: "bytes32" },
    { name: "size", type: "uint64" },
    { name: "total", type: "uint256" },
  ],
} as const;

export const BOUNTY_TYPES = {
  DayReport: [
    { name: "bountyId", type: "uint256" },
    { name: "day", type: "uint256" },
    { name: "seeders", type: "address[]" },
  ],
} as const;

const AUTHORIZATION = [
  { name: "from", type: "address" },
  { name: "to", type: "address" },
  { name: "value", type: "uint256" },
  { name: "validAfter", type: "uint256" },
  { name: "validBefore", type: "uint256" },
  { name: "nonce", type: "bytes32" },
] as const;

export const TOKEN_TYPES = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
  TransferWithAuthorization: AUTHORIZATION,
  ReceiveWithAuthorization: AUTHORIZATION,
} as const;

type Types = Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>;

/** What is signed, to whom it is said, and by whom. */
export interface Signing {
  readonly signer: PrivateKeyAccount;
  /** The contract's name in its EIP-712 domain. */
  readonly domainName: string;
  readonly contract: Address;
  readonly types: Types;
  readonly primaryType: string;
  readonly message: Readonly<Record<string, unknown>>;
}

async function sign(signing: Signing): Promise<Hex> {
  return await signing.signer.signTypedData({
    domain: {
      name: signing.domainName,
      version: "1",
      chainId: SIMULATED_CHAIN_ID,
      verifyingContract: signing.contract,
    },
    types: signing.types,
    primaryType: signing.primaryType,
    message: signing.message,
  });
}

/** A signature as `r` and `vs` (ERC-2098). */
export async function signCompact(signing: Signing): Promise<{ r: Hex; vs: Hex }> {
  const { r, yParityAndS } = signatureToCompactSignature(parseSignature(await sign(signing)));
  return { r, vs: yParityAndS };
}

/** A signature as `v`, `r`, `s`. */
export async function signPlain(signing: Signing): Promise<[number, Hex, Hex]> {
  const { r, s, yParity } = parseSignature(await sign(signing));
  return [27 + yParity, r, s];
}
