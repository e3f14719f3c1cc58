import assert from "node:assert/strict";
import { test } from "node:test";
import { bandwidthChannelsAbi, bandwidthChannelsArtifact } from "@shoal/contracts";
import {
  type Abi,
  bytesToHex,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
} from "viem";
import { toAddress } from "../network/address.ts";
import { createEmbeddedFixture, person, send, sign } from "../testing/embedded-fixture.ts";
import { SignatureChecker, signCompact } from "./compact-signature.ts";
import { hashText, TypedDomain, uintWord } from "./typed-domain.ts";

test("a voucher's digest is the contract's own, and what is signed over it is whose the EVM says it is", async () => {
  await using fixture = await createEmbeddedFixture();
  const chain = await fixture.open();
  const alice = person("alice");
  await chain.request({ method: "shoal_faucet", params: [alice.address] });
  const data = encodeDeployData({
    abi: bandwidthChannelsAbi,
    bytecode: bandwidthChannelsArtifact.bytecode,
    args: [chain.bttAddress],
  });
  const deployment = await send(
    chain,
    await sign(chain, alice, { nonce: 0, data, gas: 8_000_000n }),
  );
  const receipt = (await chain.request({
    method: "eth_getTransactionReceipt",
    params: [deployment],
  })) as { contractAddress: Hex };
  const contract = toAddress(receipt.contractAddress);
  const call = async (to: Hex, input: Hex) =>
    (await chain.request({ method: "eth_call", params: [{ to, data: input }, "latest"] })) as Hex;

  const domain = new TypedDomain({
    name: "Shoal BandwidthChannels",
    version: "1",
    chainId: chain.chainId,
    contract,
  });
  const key = new Uint8Array(32).fill(9);
  const checker = new SignatureChecker();
  const abi: Abi = bandwidthChannelsAbi;
  for (const [type, functionName] of [
    ["Voucher(bytes32 channelId,uint256 total)", "voucherDigest"],
    ["Close(bytes32 channelId,uint256 total)", "closeDigest"],
  ] as const) {
    for (const total of [0n, 1n, 10n ** 28n, 2n ** 104n - 1n]) {
      const channelId = new Uint8Array(32).fill(0xc4);
      const digest = domain.digest(Buffer.concat([hashText(type), channelId, uintWord(total)]));
      const args = [bytesToHex(channelId), total];
      const input = encodeFunctionData({ abi, functionName, args });
      const ofContract = decodeFunctionResult({
        abi,
        functionName,
        data: await call(contract, input),
      });
      assert.equal(bytesToHex(digest), ofContract);
      const signature = signCompact(digest, key);
      const v = signature.vs[0]! >> 7;
      const s = Uint8Array.from(signature.vs);
      s[0]! &= 0x7f;
      const recovery = Buffer.concat([digest, uintWord(BigInt(27 + v)), signature.r, s]);
      const signer = await call(`0x${"1".padStart(40, "0")}`, bytesToHex(recovery));
      assert.equal(checker.signerOf(digest, signature), `0x${signer.slice(-40)}`);
    }
  }
});
