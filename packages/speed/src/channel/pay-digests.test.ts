import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { toAddress } from "@shoal/chain";
import { fromHex } from "@shoal/protocol";
import { encodeAbiParameters, hashTypedData, keccak256, parseAbiParameters } from "viem";
import type { ChannelId } from "./channel-key.ts";
import { PayDigests } from "./pay-digests.ts";

const vectors = JSON.parse(
  readFileSync(new URL("../../../../vectors/bt-pay.json", import.meta.url), "utf8"),
) as Record<string, string>;

const contract = toAddress("0x00000000000000000000000000000000000000c0");
const digests = new PayDigests({ chainId: 1337, contract });
const address = (digit: string) => toAddress(`0x${digit.repeat(40)}`);
const key = {
  payer: address("1"),
  payee: address("2"),
  signer: address("3"),
  challengeSeconds: 604_800,
  salt: 42n,
};
const at = {
  infoHash: new Uint8Array(20).fill(0xaa),
  payeeNonce: new Uint8Array(32).fill(0xbb),
  payerNonce: new Uint8Array(32).fill(0xcc),
};
const id = digests.channelId(key);
const torrent = new Uint8Array(32).fill(0xdd);
const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString("hex")}`;

suite("what is signed between peers", () => {
  test("the specification's vectors", () => {
    assert.deepEqual(
      {
        channelId: id,
        voucher: hex(digests.voucher(id, 10n ** 18n)),
        close: hex(digests.close(id, 10n ** 18n)),
        receipt: hex(digests.receipt(id, torrent, 2n ** 30n, 10n ** 18n)),
        offer: hex(digests.offer(at, { minPrice: 1000n, minChallengeSeconds: 604_800 })),
        bid: hex(digests.bid(at, id, 2000n)),
      },
      vectors,
    );
  });

  test("a channel's identifier is the hash of its key's five words, as the contract has it", () => {
    const words = encodeAbiParameters(parseAbiParameters("address,address,address,uint32,uint64"), [
      key.payer,
      key.payee,
      key.signer,
      key.challengeSeconds,
      key.salt,
    ]);
    assert.equal(id, keccak256(words));
  });

  test("EIP-712: vouchers, closes and receipts as any wallet would hash them", () => {
    const domain = {
      name: "Shoal BandwidthChannels",
      version: "1",
      chainId: 1337n,
      verifyingContract: contract,
    };
    const total = { name: "total", type: "uint256" } as const;
    const channelId = { name: "channelId", type: "bytes32" } as const;
    for (const primaryType of ["Voucher", "Close"] as const) {
      const types = { [primaryType]: [channelId, total] };
      const message = { channelId: id, total: 7n };
      const digest = primaryType === "Voucher" ? digests.voucher(id, 7n) : digests.close(id, 7n);
      assert.equal(hex(digest), hashTypedData({ domain, types, primaryType, message }));
    }
    const types = {
      Receipt: [
        channelId,
        { name: "torrent", type: "bytes32" },
        { name: "size", type: "uint64" },
        total,
      ],
    } as const;
    const message = { channelId: id, torrent: hex(torrent) as ChannelId, size: 9n, total: 7n };
    assert.equal(
      hex(digests.receipt(id, torrent, 9n, 7n)),
      hashTypedData({ domain, types, primaryType: "Receipt", message }),
    );
  });

  test("another chain, contract, channel, connection or torrent is another digest", () => {
    const chain = new PayDigests({ chainId: 1338, contract });
    const other = new PayDigests({ chainId: 1337, contract: address("c") });
    const seen = new Set([
      hex(digests.voucher(id, 1n)),
      hex(chain.voucher(id, 1n)),
      hex(other.voucher(id, 1n)),
      hex(digests.voucher(digests.channelId({ ...key, salt: 43n }), 1n)),
      hex(digests.close(id, 1n)),
      hex(digests.bid(at, id, 1n)),
      hex(digests.bid({ ...at, payerNonce: fromHex("00".repeat(32)) }, id, 1n)),
      hex(digests.bid({ ...at, infoHash: fromHex("00".repeat(20)) }, id, 1n)),
    ]);
    assert.equal(seen.size, 8);
  });
});
