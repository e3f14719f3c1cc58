import type { CompactSignature } from "@shoal/chain";
import { PayWireError } from "../errors.ts";
import { ByteReader, ByteWriter } from "./byte-layout.ts";
import type { PayMessage, RejectReason } from "./pay-message.ts";

const TYPES = ["offer", "bid", "accept", "voucher", "ack", "reject", "close", "receipt"] as const;

/** The whole message, its type's byte included. */
const LENGTHS: Readonly<Record<PayMessage["type"], number>> = {
  offer: 1 + 1 + 8 + 20 + 20 + 16 + 4 + 2 + 64,
  bid: 1 + 16 + 20 + 20 + 4 + 8 + 64,
  accept: 1 + 16 + 4 + 16 + 16 + 64,
  voucher: 1 + 16 + 64,
  ack: 1 + 16 + 4,
  reject: 1 + 1,
  close: 1 + 16 + 64,
  receipt: 1 + 32 + 8 + 16 + 64,
};

/** By their codes. */
const REASONS: readonly RejectReason[] = [
  "no-channel",
  "challenge",
  "exhausted",
  "closing",
  "price",
  "voucher",
  "debt",
  "chain",
  "other",
];

/**
 * The payload of an extended message (BEP 10): a type's byte and fields of fixed lengths, big-endian.
 * @throws {RangeError} when a number or a field does not fit its place.
 */
export function encodePay(message: PayMessage): Uint8Array {
  const writer = new ByteWriter(LENGTHS[message.type]).u8(TYPES.indexOf(message.type));
  switch (message.type) {
    case "offer":
      writer.u8(message.version).u64(message.chainId).fixed(message.contract, 20);
      writer.fixed(message.payee, 20).u128(message.minPrice).u32(message.minChallengeSeconds);
      return sign(writer.u16(message.slots), message);
    case "bid":
      writer.u128(message.price).fixed(message.payer, 20).fixed(message.signer, 20);
      return sign(writer.u32(message.challengeSeconds).u64(message.salt), message);
    case "accept":
      writer.u128(message.price).u32(message.windowBytes).u128(message.total);
      return sign(writer.u128(message.debt), message);
    case "voucher":
    case "close":
      return sign(writer.u128(message.total), message);
    case "ack":
      return writer.u128(message.total).u32(message.windowBytes).bytes;
    case "receipt":
      writer.fixed(message.torrent, 32).u64(message.size);
      return sign(writer.u128(message.total), message);
    default:
      return writer.u8(REASONS.indexOf(message.reason)).bytes;
  }
}

/**
 * @returns null for a message or an offer of a later version, which is to be passed over.
 * @throws {PayWireError} when a message of a known type is not of its form.
 */
export function decodePay(payload: Uint8Array): PayMessage | null {
  if (payload.length === 0) throw new PayWireError("a bt_pay message without a type");
  const type = TYPES[payload[0]!];
  if (type === undefined) return null;
  if (type === "offer" && payload.length > 1 && payload[1] !== 1) return null;
  const reader = new ByteReader(payload, LENGTHS[type]);
  reader.u8();
  switch (type) {
    case "offer":
      return {
        type,
        version: reader.u8(),
        chainId: reader.u64(),
        contract: reader.fixed(20),
        payee: reader.fixed(20),
        minPrice: reader.u128(),
        minChallengeSeconds: reader.u32(),
        slots: reader.u16(),
        ...signature(reader),
      };
    case "bid":
      return {
        type,
        price: reader.u128(),
        payer: reader.fixed(20),
        signer: reader.fixed(20),
        challengeSeconds: reader.u32(),
        salt: reader.u64(),
        ...signature(reader),
      };
    case "accept":
      return {
        type,
        price: reader.u128(),
        windowBytes: reader.u32(),
        total: reader.u128(),
        debt: reader.u128(),
        ...signature(reader),
      };
    case "voucher":
      return { type, total: reader.u128(), ...signature(reader) };
    case "close":
      return { type, total: reader.u128(), ...signature(reader) };
    case "ack":
      return { type, total: reader.u128(), windowBytes: reader.u32() };
    case "receipt":
      return {
        type,
        torrent: reader.fixed(32),
        size: reader.u64(),
        total: reader.u128(),
        ...signature(reader),
      };
    default:
      return { type, reason: REASONS[reader.u8()] ?? "other" };
  }
}

function sign(writer: ByteWriter, { r, vs }: CompactSignature): Uint8Array {
  return writer.fixed(r, 32).fixed(vs, 32).bytes;
}

function signature(reader: ByteReader): CompactSignature {
  return { r: reader.fixed(32), vs: reader.fixed(32) };
}
