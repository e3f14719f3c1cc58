import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import {
  balanceOf,
  EMBEDDED_BTT_ADDRESS,
  KeySigner,
  openEmbeddedChain,
  openNetwork,
  Sender,
} from "@shoal/chain";
import { createSession, type Torrent } from "@shoal/engine";
import { createTorrentBuilder, planCreation } from "@shoal/protocol";
import { createNodeRuntime, openPrivateFolder } from "@shoal/runtime/node";
import { openPaidPlace } from "./paid-place.ts";
import { openSessionKey } from "./session-key.ts";
import { Trading } from "./trading.ts";

const BTT = 10n ** 18n;
const PRICE = BTT / 1000n;
const PIECE = 64 * 1024;
const PIECES = 32;
/** So slow that no machine is too slow to open a channel meanwhile; trades are hurried once they are under way. */
const LINE = 60_000;

/** A torrent of one file, filled with one byte. */
function sample(name: string, fill: number) {
  const content = new Uint8Array(PIECE * PIECES).fill(fill);
  const files = [{ path: [], lengthBytes: content.length }];
  const builder = createTorrentBuilder(
    planCreation(files, { name, version: "v1", pieceLengthBytes: PIECE }),
  );
  const sha1 = createHash("sha1").update(content.subarray(0, PIECE)).digest();
  for (let piece = 0; piece < PIECES; piece++) builder.addPiece(piece, { sha1 });
  return { name, content, bytes: builder.build({}) };
}

const FILMS = [sample("one.bin", 1), sample("two.bin", 2)] as const;

async function openMarket() {
  const folder = await mkdtemp(join(tmpdir(), "shoal-desk-"));
  const runtime = await createNodeRuntime({ logLevel: "error", storePath: join(folder, "store") });
  const chain = await openEmbeddedChain({ ...runtime, folder: join(folder, "chain") });
  const network = await openNetwork("embedded", { http: runtime.http, embedded: chain });
  return {
    folder,
    network,
    faucet: async (to: string) => await chain.request({ method: "shoal_faucet", params: [to] }),
    async [Symbol.asyncDispose]() {
      await network.close();
      await chain.close();
      await runtime.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Somebody who has one film, wants the other, and sells and buys in one session. */
async function open(market: Awaited<ReturnType<typeof openMarket>>, number: 0 | 1) {
  const folder = join(market.folder, String(number));
  const dir = join(folder, "data");
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, FILMS[number].name), FILMS[number].content);
  const runtime = await createNodeRuntime({ logLevel: "error", storePath: join(folder, "store") });
  const { clock, random, store } = runtime;
  const { network } = market;
  const signer = new KeySigner(new Uint8Array(32).fill(number + 1));
  await market.faucet(signer.address);
  const place = await openPaidPlace({ network, store, clock });
  const trading = new Trading({
    ...{ place, clock, random, signer },
    sender: await Sender.open(network, store, clock),
    sessionKey: await openSessionKey(openPrivateFolder(join(folder, "key")), random),
    selling: { minPrice: PRICE },
    buying: { bid: 2n * PRICE, budget: BTT, receipts: true },
    worthWei: 1n,
  });
  const session = await createSession({
    ...{ runtime, host: "127.0.0.1", uploadLimit: LINE },
    ...trading.sessionOptions,
  });
  trading.attach(session);
  return {
    ...{ dir, network, place, session, signer, trading },
    at: { address: "127.0.0.1", port: session.port },
    async seed() {
      const torrent = await session.add(FILMS[number].bytes, { dir });
      await torrent.whenComplete();
    },
    btt: async () =>
      await balanceOf(network, { kind: "token", address: EMBEDDED_BTT_ADDRESS }, signer.address),
    async [Symbol.asyncDispose]() {
      await session.close();
      await trading.close();
      await runtime.close();
    },
  };
}

async function until(holds: () => boolean, torrent: Torrent): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve) => {
    const stop = torrent.on(() => {
      if (!holds()) return;
      stop();
      resolve();
    });
  });
}

suite("the desk", () => {
  test("two sessions sell to and buy from each other at the same time, and claims, redemption and receipts agree to the wei", async () => {
    await using market = await openMarket();
    await using ann = await open(market, 0);
    await using bob = await open(market, 1);
    const both = [ann, bob] as const;
    const before = [await ann.btt(), await bob.btt()] as const;
    await Promise.all(both.map((each) => each.seed()));
    const annGets = await ann.session.add(FILMS[1].bytes, { dir: ann.dir, peers: [bob.at] });
    const bobGets = await bob.session.add(FILMS[0].bytes, { dir: bob.dir, peers: [ann.at] });
    const isTrading = (): boolean =>
      both.every(({ trading }) => {
        const { selling, buying } = trading.market();
        const payer = selling!.payers[0];
        const offer = buying!.offers.find(({ bidWei }) => bidWei > 0n);
        return (payer?.paidWei ?? 0n) > 0n && (offer?.paidWei ?? 0n) > 0n;
      });
    await Promise.all([until(isTrading, bobGets), until(isTrading, annGets)]);
    const { selling, buying, channels, claims } = ann.trading.market();
    assert.equal(selling!.payers[0]!.priceWei, 2n * PRICE);
    assert.equal(selling!.payers[0]!.payer, bob.signer.address);
    assert.equal(buying!.offers[0]!.payee, bob.signer.address);
    assert.equal(buying!.leftWei, BTT - buying!.spentWei);
    assert.deepEqual([channels.length, claims.length], [1, 1]);

    for (const { session } of both) session.setLimits({ upload: null });
    await Promise.all([annGets.whenComplete(), bobGets.whenComplete()]);
    await Promise.all(both.map(({ trading }) => trading.finish()));
    for (const [index, { dir }] of both.entries()) {
      const film = FILMS[1 - index]!;
      assert.equal(Buffer.compare(await readFile(join(dir, film.name)), film.content), 0);
    }
    for (const [seller, buyer] of [
      [ann, bob],
      [bob, ann],
    ] as const) {
      const earned = seller.trading.market().sums.earnedWei;
      assert.ok(earned > 0n);
      assert.equal(earned, buyer.trading.spent);
      const { redeemed, attributed } = await seller.trading.settle(true);
      assert.equal(redeemed.grossWei, earned);
      assert.equal(attributed.receipts, 1);
      assert.equal(seller.trading.market().sums.unredeemedWei, 0n);
    }
    for (const [index, { btt, place, signer, trading }] of both.entries()) {
      const { earnedWei, reservedWei, paidWei, feeWei } = trading.market().sums;
      const free = await place.contract.freeOf(signer.address);
      const gained = (await btt()) - before[index]!;
      assert.equal(gained, earnedWei - feeWei - paidWei - reservedWei - free);
    }
  });

  test("selling and buying begin and end while the session runs, at whatever price is said", async () => {
    await using market = await openMarket();
    await using ann = await open(market, 0);
    await using bob = await open(market, 1);
    ann.trading.sell(null);
    bob.trading.sell(null);
    ann.trading.buy(null);
    assert.equal(ann.trading.market().selling, null);
    assert.equal(ann.trading.market().buying, null);
    await ann.seed();
    const torrent = await bob.session.add(FILMS[0].bytes, { dir: bob.dir, peers: [ann.at] });
    await until(() => torrent.status().verifiedBytes >= PIECE, torrent);
    assert.equal(bob.trading.market().buying!.offers.length, 0);
    bob.trading.buy({ bid: 2n * PRICE, budget: BTT, spentWei: 7n });
    assert.equal(bob.trading.market().buying!.leftWei, BTT - 7n);
    ann.trading.sell({ minPrice: PRICE });
    await until(() => bob.trading.spent > 0n, torrent);
    // More than is bid: what was sold is paid, and nothing more is.
    ann.trading.sell({ minPrice: 3n * PRICE });
    assert.equal(ann.trading.market().selling!.payers.length, 0);
    ann.session.setLimits({ upload: null });
    await torrent.whenComplete();
    await Promise.all([ann.trading.finish(), bob.trading.finish()]);
    const { earnedWei } = ann.trading.market().sums;
    assert.ok(earnedWei > 0n && earnedWei <= bob.trading.spent);
    assert.ok(bob.trading.spent < (2n * PRICE * BigInt(PIECE * PIECES)) >> 20n);
  });
});
