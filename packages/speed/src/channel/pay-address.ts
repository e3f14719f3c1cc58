import { toAddress, type Address } from "@shoal/chain";
import { fromHex, toHex } from "@shoal/protocol";

/** 20 bytes of a message as an address. */
export function toPayAddress(bytes: Uint8Array): Address {
  return toAddress(`0x${toHex(bytes)}`);
}

/** An address as its 20 bytes. */
export function toBytes20(address: Address): Uint8Array {
  return fromHex(address.slice(2));
}
