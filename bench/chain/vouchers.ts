import { bytesToHex, hexToBytes, verifyTypedData } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  hashText,
  SignatureChecker,
  signCompact,
  toAddress,
  TypedDomain,
  uintWord,
} from "../../packages/chain/src/index.ts";
import { type Curve, curve, portableCurve } from "../../packages/chain/src/signatures/curve.ts";
import type { Figures } from "../contest.ts";

const KEY = new Uint8Array(32).fill(7);
const CHANNEL = new Uint8Array(32).fill(3);
const ACCOUNT = privateKeyToAccount(bytesToHex(KEY));
const NAME = "Shoal BandwidthChannels";
const CONTRACT = toAddress(`0x${"5f".repeat(20)}`);
const TYPE = hashText("Voucher(bytes32 channelId,uint256 total)");
const DOMAIN = new TypedDomain({ name: NAME, version: "1", chainId: 199, contract: CONTRACT });

function digestOf(total: number): Uint8Array {
  return DOMAIN.digest(Buffer.concat([TYPE, CHANNEL, uintWord(BigInt(total))]));
}

/** Signs and checks `count` vouchers, each with another total, on one thread: hashing included. */
export function measureVouchers(which: "native" | "portable", count: number): Figures {
  const used: Curve = which === "native" ? curve : portableCurve;
  const checker = new SignatureChecker(used);
  const address = toAddress(ACCOUNT.address);
  const signMs = performance.now();
  const signatures = Array.from({ length: count }, (_, n) => signCompact(digestOf(n), KEY, used));
  const signed = count / ((performance.now() - signMs) / 1000);
  const cpu = process.cpuUsage();
  const verifyMs = performance.now();
  for (const [n, signature] of signatures.entries()) {
    if (!checker.isSigned(digestOf(n), signature, address)) throw new Error("a voucher is refused");
  }
  const seconds = (performance.now() - verifyMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    signed,
    verified: count / seconds,
    verifiedOfCpu: count / ((user + system) / 1e6),
  };
}

/** The same with viem's functions for any typed data. */
export async function measureViem(count: number): Promise<Figures> {
  const typed = (n: number) =>
    ({
      domain: { name: NAME, version: "1", chainId: 199, verifyingContract: CONTRACT },
      types: {
        Voucher: [
          { name: "channelId", type: "bytes32" },
          { name: "total", type: "uint256" },
        ],
      },
      primaryType: "Voucher",
      message: { channelId: bytesToHex(CHANNEL), total: BigInt(n) },
    }) as const;
  const signatures: Uint8Array[] = [];
  const signMs = performance.now();
  for (let n = 0; n < count; n++) {
    signatures.push(hexToBytes(await ACCOUNT.signTypedData(typed(n))));
  }
  const signed = count / ((performance.now() - signMs) / 1000);
  const cpu = process.cpuUsage();
  const verifyMs = performance.now();
  for (const [n, signature] of signatures.entries()) {
    const isGood = await verifyTypedData({ ...typed(n), address: ACCOUNT.address, signature });
    if (!isGood) throw new Error("a voucher is refused");
  }
  const seconds = (performance.now() - verifyMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    signed,
    verified: count / seconds,
    verifiedOfCpu: count / ((user + system) / 1e6),
  };
}
