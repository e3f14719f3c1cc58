import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { suite, test, type TestContext } from "node:test";
import type { SettingsChange } from "../packages/api/src/client/index.ts";
import { configure, type RunningDaemon, startDaemon } from "./daemon.ts";
import { createWorkspace, patternBytes, type Workspace } from "./quick/workspace.ts";

/** Two minutes here; SHOAL_SOAK_MINUTES=30 for a night. */
const MINUTES = Number(process.env["SHOAL_SOAK_MINUTES"] ?? 2);
const KILL_EVERY_MS = MINUTES > 5 ? 60_000 : 15_000;
const PASSWORD = "correct horse battery staple";
const BTT = 10n ** 18n;
const PRICE = BTT / 1000n;
const TORRENTS = 4;
const FILE_BYTES = 8 * 2 ** 20 + 4321;
const LINE = 2 * 2 ** 20;

type Who = "seller" | "buyer";

/** A chain that stays, and two daemons that are killed again and again. */
class Scene {
  readonly space: Workspace;
  readonly #daemons = new Map<Who, RunningDaemon>();
  kills = 0;

  constructor(space: Workspace) {
    this.space = space;
  }

  static async open(t: TestContext): Promise<Scene> {
    const space = createWorkspace(t);
    for (let number = 0; number < TORRENTS; number++) {
      space.write(`files/film-${number}.bin`, patternBytes(FILE_BYTES, number));
      const made = await space.run([
        "create",
        `files/film-${number}.bin`,
        "-o",
        `${number}.torrent`,
        "--private",
      ]);
      assert.equal(made.exitCode, 0, made.stderr);
    }
    const { http } = await space
      .start(["chain", "start", "--port", "0"], "chain")
      .waitFor("listening");
    const chain: SettingsChange["chain"] = {
      embedded: false,
      network: "embedded",
      rpcUrls: [String(http)],
    };
    const trading = {
      minPrice: String(PRICE),
      budget: String(1000n * BTT),
      bid: String(2n * PRICE),
    };
    configure(space, "seller", {
      chain,
      speed: { uploadLimit: LINE },
      trading: { ...trading, wallet: "own", sell: true },
    });
    configure(space, "buyer", { chain, trading: { ...trading, wallet: "own", buy: true } });
    space.write("pass", `${PASSWORD}\n`);
    for (const who of ["seller", "buyer"]) {
      for (const args of [
        ["wallet", "create", "--name", "own", "--password-file", "pass"],
        ["wallet", "faucet", "--name", "own", "--rpc", String(http)],
      ]) {
        const ran = await space.run(args, who);
        assert.equal(ran.exitCode, 0, ran.stderr);
      }
    }
    const scene = new Scene(space);
    await scene.start("seller");
    await scene.start("buyer");
    for (let number = 0; number < TORRENTS; number++) {
      await scene.client("seller").call("addTorrent", {
        source: { torrentFile: scene.torrentFile(number) },
        folder: space.path("files"),
      });
    }
    return scene;
  }

  torrentFile(number: number): string {
    return readFileSync(this.space.path(`${number}.torrent`)).toString("base64");
  }

  client(who: Who) {
    return this.#daemons.get(who)!.client;
  }

  async start(who: Who): Promise<void> {
    const daemon = await startDaemon(this.space, who);
    this.#daemons.set(who, daemon);
    await daemon.client.call("unlockWallet", { name: "own", password: PASSWORD });
  }

  async kill(who: Who): Promise<void> {
    this.kills++;
    await this.#daemons.get(who)!.end("SIGKILL");
    await this.start(who);
  }

  async end(who: Who): Promise<void> {
    await this.#daemons.get(who)!.end("SIGTERM");
  }

  /** Downloads a torrent, asking again what a killed daemon had not answered. */
  async download(number: number): Promise<void> {
    const torrentFile = this.torrentFile(number);
    for (;;) {
      try {
        const buyer = this.client("buyer");
        const { infoHash } = await buyer.call("inspectSource", { torrentFile });
        const { torrents } = await buyer.call("listTorrents");
        const known = torrents.find((each) => each.infoHash === infoHash);
        if (known?.state === "seeding") {
          await buyer.call("removeTorrent", { infoHash, deleteFiles: "true" });
          return;
        }
        if (known === undefined) await buyer.call("addTorrent", { source: { torrentFile } });
        const port = await this.#daemons.get("seller")!.peerPort();
        await buyer.call("addPeers", { infoHash, peers: [`127.0.0.1:${port}`] });
      } catch (error) {
        // Nobody answers while it is started again.
        if ((error as { code?: unknown }).code === "bad-input") throw error;
      }
      await pause(500);
    }
  }
}

suite("a ledger under kills", { timeout: (MINUTES + 4) * 60_000 }, () => {
  test("daemons that are killed at random agree to the wei, with each other, with the chain, and with what they show", async (t) => {
    const scene = await Scene.open(t);
    const untilMs = Date.now() + MINUTES * 60_000;
    let downloads = 0;
    const buying = (async () => {
      for (let number = 0; Date.now() < untilMs; number = (number + 1) % TORRENTS) {
        await scene.download(number);
        downloads++;
      }
    })();
    while (Date.now() + KILL_EVERY_MS < untilMs) {
      await pause(KILL_EVERY_MS * (0.5 + Math.random() / 2));
      await scene.kill(Math.random() < 0.5 ? "seller" : "buyer");
    }
    await buying;
    const sum = (amounts: readonly string[]) => amounts.reduce((all, wei) => all + BigInt(wei), 0n);
    const readClaims = async () => (await scene.client("seller").call("listClaims")).claims;
    const earnedOf = (all: Awaited<ReturnType<typeof readClaims>>) =>
      sum(all.map(({ totalWei }) => totalWei));
    // A last trade, that ends in order: the payer hears what it had signed and forgotten, and gives again what the payee had not
    // written down.
    const before = earnedOf(await readClaims());
    do await scene.download(0);
    while (earnedOf(await readClaims()) === before);
    await scene.end("buyer");
    await scene.start("buyer");
    const [seller, buyer] = [scene.client("seller"), scene.client("buyer")];
    const claims = await readClaims();
    const { channels } = await buyer.call("listChannels");
    const earned = earnedOf(claims);
    const paid = sum(channels.map(({ spentWei }) => spentWei));
    t.diagnostic(
      `${downloads} downloads, ${scene.kills} kills, ${claims.length} claims, ${earned} wei`,
    );
    assert.ok(scene.kills > 0 && downloads > TORRENTS && earned > 0n);
    assert.equal(earned, paid, "what the seller holds is what the buyer has signed");

    for (const [client, wei] of [
      [seller, earned],
      [buyer, paid],
    ] as const) {
      const { points } = await client.call("getEarnings", { points: 1000 });
      const shown =
        client === seller
          ? points.map((each) => each.earnedWei)
          : points.map((each) => each.spentWei);
      assert.equal(sum(shown), wei, "what is shown over time is what there is");
    }

    await seller.call("redeemClaims");
    const after = await seller.call("getTrading");
    assert.equal(after.selling.unredeemedWei, "0");
    const btt = async (client: typeof seller) => {
      const { balances } = await client.call("getBalances", { name: "own", network: "embedded" });
      return balances.find(({ asset }) => asset === "btt")!;
    };
    const redeemed = sum((await seller.call("listClaims")).claims.map((each) => each.redeemedWei));
    assert.equal(redeemed, earned);
    const burned = claims.reduce((all, { totalWei }) => all + BigInt(totalWei) / 20n, 0n);
    const gained = BigInt((await btt(seller)).wei) - 10_000n * BTT;
    assert.ok(gained >= earned - burned - BigInt(claims.length * 50), `${gained} of ${earned}`);
    assert.ok(gained <= earned - burned + BigInt(claims.length * 50));
    const { wei, channelWei } = await btt(buyer);
    assert.equal(
      10_000n * BTT - BigInt(wei) - BigInt(channelWei),
      earned,
      "nothing is lost on the way",
    );
  });
});
