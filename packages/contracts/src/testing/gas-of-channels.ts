import {
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  parseEther,
  toHex,
} from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { wrappedBttArtifact } from "../artifacts/wrapped-btt.ts";
import type { GasLedger } from "./gas-ledger.ts";
import { CHANNEL_TYPES, signCompact, signPlain, TOKEN_TYPES } from "./signing.ts";

const CHALLENGE_SECONDS = 604_800;
const NEVER = 2n ** 256n - 1n;
const TORRENT = keccak256(toHex("torrent"));

/** What moving BTT costs, as a token and wrapped. */
export async function measureTokens(ledger: GasLedger): Promise<void> {
  const { chain, token } = ledger;
  const alice = await ledger.fund(10, parseEther("1000"));
  const bob = await chain.account(11);
  const one = parseEther("1");
  const transfer = { to: token, name: "transfer", with: [bob.address, one] };
  await ledger.measure("BTT", "transfer to a new account", alice, transfer);
  await ledger.measure("BTT", "transfer", alice, transfer);
  const approve = { to: token, name: "approve", with: [bob.address, one] };
  await ledger.measure("BTT", "approve", alice, approve);
  const nonce = toHex(7, { size: 32 });
  const values = [alice.address, bob.address, one, 0n, NEVER, nonce] as const;
  const signature = await signPlain({
    signer: alice,
    domainName: "BTT",
    contract: token.address,
    types: TOKEN_TYPES,
    primaryType: "TransferWithAuthorization",
    message: authorization(values),
  });
  const name = "transferWithAuthorization";
  const call = { to: token, name, with: [...values, ...signature] };
  await ledger.measure("BTT", "transfer by authorization (ERC-3009)", bob, call);

  const wrapped = await chain.deploy(wrappedBttArtifact, []);
  ledger.note("WrappedBTT", "deploy", wrapped.gasUsed, false);
  const wrap = { to: wrapped, name: "deposit", with: [], valueWei: one };
  await ledger.measure("WrappedBTT", "wrap, first time", alice, wrap);
  await ledger.measure("WrappedBTT", "wrap", alice, wrap);
  const unwrap = { to: wrapped, name: "withdraw", with: [one] };
  await ledger.measure("WrappedBTT", "unwrap", alice, unwrap);
}

/** What paying for bandwidth costs, from the deposit to the last wei. */
export async function measureChannels(ledger: GasLedger): Promise<void> {
  const { chain, token, channels } = ledger;
  const payer = await ledger.fund(20, parseEther("1000000"), [channels]);
  const payee = await chain.account(21);
  const signer = await chain.account(22);
  const stranger = await chain.account(23);
  const contract = "BandwidthChannels";
  const on = (name: string, ...values: readonly unknown[]) => ({
    to: channels,
    name,
    with: values,
  });
  const measure = async (
    action: string,
    from: PrivateKeyAccount,
    call: ReturnType<typeof on>,
    parts = 1,
  ) => await ledger.measure(contract, action, from, call, { parts });

  await measure("deposit, first time", payer, on("deposit", parseEther("1000")));
  await measure("deposit", payer, on("deposit", parseEther("1000")));
  const withPermit = async (value: bigint, nonce: bigint) => {
    const [owner, spender] = [payer.address, channels.address];
    const signature = await signPlain({
      signer: payer,
      domainName: "BTT",
      contract: token.address,
      types: TOKEN_TYPES,
      primaryType: "Permit",
      message: { owner, spender, value, nonce, deadline: NEVER },
    });
    return on("depositWithPermit", value, NEVER, ...signature);
  };
  await measure("deposit with permit", payer, await withPermit(parseEther("1000"), 0n));
  const nonce = toHex(9, { size: 32 });
  const values = [payer.address, channels.address, parseEther("1000"), 0n, NEVER, nonce] as const;
  const authorized = await signPlain({
    signer: payer,
    domainName: "BTT",
    contract: token.address,
    types: TOKEN_TYPES,
    primaryType: "ReceiveWithAuthorization",
    message: authorization(values),
  });
  const [from, , amountWei, after, before] = values;
  const relayed = on(
    "depositWithAuthorization",
    from,
    amountWei,
    after,
    before,
    nonce,
    ...authorized,
  );
  await measure("deposit brought by somebody else (ERC-3009)", stranger, relayed);

  const opening = (salt: number) => ({
    payee: payee.address,
    signer: signer.address,
    challengeSeconds: CHALLENGE_SECONDS,
    salt: BigInt(salt),
    capacity: parseEther("1"),
  });
  const openings = (first: number, count: number) =>
    on(
      "openMany",
      Array.from({ length: count }, (_, index) => opening(first + index)),
    );
  await measure("open one channel", payer, openings(1, 1));
  await measure("open eight channels, each of them", payer, openings(2, 8), 8);
  await chain.send(payer, openings(10, 210));
  const data = [await withPermit(parseEther("8"), 1n), openings(1_000, 8)].map((call) =>
    encodeFunctionData({ abi: channels.abi, functionName: call.name, args: [...call.with] }),
  );
  await measure(
    "deposit with permit and open eight channels, one transaction",
    payer,
    on("multicall", data),
  );

  const keyOf = (salt: number) => ({ payer: payer.address, ...opening(salt) });
  const idOf = (salt: number) => channelIdOf(keyOf(salt));
  const signed = (by: PrivateKeyAccount, primaryType: string, message: Record<string, unknown>) =>
    signCompact({
      signer: by,
      domainName: "Shoal BandwidthChannels",
      contract: channels.address,
      types: CHANNEL_TYPES,
      primaryType,
      message,
    });
  const claims = async (first: number, count: number, total: bigint) => {
    const list = Array.from({ length: count }, async (_, index) => {
      const channelId = idOf(first + index);
      const signature = await signed(signer, "Voucher", { channelId, total });
      return { ...keyOf(first + index), total, ...signature };
    });
    return on("redeemMany", payee.address, await Promise.all(list));
  };
  const half = parseEther("0.5");
  const most = parseEther("0.75");
  await measure(
    "redeem one voucher, first income of an account",
    stranger,
    await claims(1, 1, half),
  );
  await measure("redeem one voucher", stranger, await claims(1, 1, most));
  await measure("redeem ten vouchers, each of them", stranger, await claims(2, 10, half), 10);
  await measure("redeem 200 vouchers, each of them", stranger, await claims(12, 200, half), 200);
  const message = { channelId: idOf(1), torrent: TORRENT, size: 5n << 30n, total: most };
  const receipt = { ...message, ...(await signed(signer, "Receipt", message)) };
  await measure("attribute to one torrent", payee, on("attribute", keyOf(1), [receipt]));
  await measure("top up", payer, on("topUp", keyOf(1), parseEther("1")));
  const consent = await signed(payee, "Close", { channelId: idOf(1), total: parseEther("1") });
  const close = on("close", keyOf(1), parseEther("1"), consent.r, consent.vs);
  await measure("close by consent, with the last payment", payer, close);
  await measure("release by the payee", payee, on("release", keyOf(2)));
  await measure("begin to close alone", payer, on("startClose", keyOf(3)));
  await chain.wait(CHALLENGE_SECONDS);
  await measure("finalize", stranger, on("finalize", keyOf(3)));
  await measure("withdraw", payer, on("withdraw", parseEther("1"), payer.address));
}

/** The channel's identifier, hashed here as the contract hashes it there. */
function channelIdOf(key: {
  readonly payer: Hex;
  readonly payee: Hex;
  readonly signer: Hex;
  readonly challengeSeconds: number;
  readonly salt: bigint;
}): Hex {
  const types = ["address", "address", "address", "uint32", "uint64"].map((type) => ({ type }));
  const values = [key.payer, key.payee, key.signer, key.challengeSeconds, key.salt];
  return keccak256(encodeAbiParameters(types, values));
}

function authorization([from, to, value, validAfter, validBefore, nonce]: readonly [
  Hex,
  Hex,
  bigint,
  bigint,
  bigint,
  Hex,
]) {
  return { from, to, value, validAfter, validBefore, nonce };
}
