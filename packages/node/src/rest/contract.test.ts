import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import {
  EVENTS,
  type EventName,
  OPERATION_IDS,
  OPERATIONS,
  type OperationId,
  problem,
  routeOf,
} from "@shoal/api";
import { describeRequest } from "@shoal/api/client";
import type { HttpResponse } from "@shoal/runtime";
import { sampleTorrent } from "../testing/sample-torrent.ts";
import { openTestDaemon, readText } from "../testing/test-daemon.ts";

const PASSWORD = "a long password";
const sample = sampleTorrent(1);
const { infoHash } = sample;
const one = { infoHash };
const wallet = { name: "main" };
/** Whose key is somewhere else. */
const outsider = { network: "embedded", address: `0x${"12".repeat(20)}` };
const torrentFile = Buffer.from(sample.bytes).toString("base64");

/** What earlier answers have told, for later requests. */
type Told = Map<string, string>;
type MakeInput = (told: Told) => object;

/**
 * A request for every operation, in an order in which they make sense. The third part: codes of problems that are
 * answers too, where this daemon has nothing to do it with.
 */
const REQUESTS: readonly (readonly [
  id: OperationId,
  input: object | MakeInput,
  problems?: string,
])[] = [
  ["getSession", {}],
  ["getNode", {}],
  ["getSettings", {}],
  ["changeSettings", { speed: { downloadLimit: null } }],
  ["getLog", { limit: 5, level: "debug" }],
  ["streamEvents", { topics: "torrents,transfer" }],
  ["inspectSource", { torrentFile }],
  ["addTorrent", { source: { torrentFile }, category: "films" }],
  ["listTorrents", { sort: "name", search: "sample" }],
  ["actOnTorrents", { infoHashes: [infoHash, "ab".repeat(20)], action: "reannounce" }],
  ["getTorrent", one],
  ["changeTorrent", { infoHash, downloadLimit: 1_000_000, shareLimits: { ratio: 2 } }],
  ["listFiles", one],
  ["changeFiles", { infoHash, files: [1], priority: 7 }],
  ["renameFile", { infoHash, index: 1, path: "sample 1/renamed.mp4" }],
  ["getContent", { infoHash, index: 0 }],
  ["getPieces", one],
  ["addPeers", { infoHash, peers: ["127.0.0.1:1"] }],
  ["listPeers", one],
  ["addTracker", { infoHash, url: "http://127.0.0.1:9/announce" }],
  ["listTrackers", one],
  ["addWebSeed", { infoHash, url: "http://127.0.0.1:9/" }],
  ["listWebSeeds", one],
  ["removeWebSeed", { infoHash, url: "http://127.0.0.1:9/" }],
  ["exportTorrent", one],
  ["moveTorrent", { infoHash, folder: "elsewhere" }],
  ["getTransfer", {}],
  ["getSpeedHistory", { points: 10 }],
  ["setCategory", { name: "a/b", folder: "/films", uploadLimit: 5, shareLimits: { ratio: 1 } }],
  ["listCategories", {}],
  ["removeCategory", { name: "a/b" }],
  ["addFeed", { url: "http://127.0.0.1:9/feed", isOn: false }],
  ["listFeeds", {}],
  ["changeFeed", (told) => ({ id: told.get("addFeed.id"), intervalS: 3600 })],
  ["listFeedItems", (told) => ({ id: told.get("addFeed.id") })],
  ["removeFeed", (told) => ({ id: told.get("addFeed.id") })],
  ["importTorrents", { from: "transmission", folder: "/nowhere", dryRun: true }, "missing"],
  ["removeTorrent", { infoHash, deleteFiles: false }],
  ["makeBackup", (told) => ({ path: join(told.get("home")!, "node.backup") })],

  ["listNetworks", {}],
  ["createWallet", { ...wallet, password: PASSWORD }],
  ["listWallets", {}],
  ["unlockWallet", { ...wallet, password: PASSWORD, minutes: 5 }],
  ["askFaucet", wallet],
  ["getBalances", wallet],
  [
    "planSend",
    { ...wallet, network: "embedded", asset: "coin", to: `0x${"12".repeat(20)}`, wei: "1" },
  ],
  ["confirmSend", (told) => ({ ...wallet, planId: told.get("planSend.planId") })],
  ["getWalletHistory", wallet],
  ["setContact", { ...wallet, address: `0x${"12".repeat(20)}`, network: "embedded", label: "Bob" }],
  ["listContacts", wallet],
  ["removeContact", { ...wallet, address: `0x${"12".repeat(20)}` }],
  ["getNetworkForWallets", { network: "embedded" }],
  ["askAddressFaucet", outsider],
  ["getAddressBalances", outsider],
  ["planOutsideSend", { ...outsider, asset: "btt", to: `0x${"34".repeat(20)}`, wei: "5" }],
  ["getAddressHistory", outsider],
  ["getTransactionState", { network: "embedded", id: `0x${"56".repeat(32)}` }],
  ["listSites", {}],
  ["changeSite", { id: "ab", network: "embedded" }, "not-found"],
  ["disconnectSite", { id: "ab" }, "not-found"],
  ["listSiteRequests", {}],
  ["answerSiteRequest", { id: "ab", isAllowed: false }, "not-found"],
  ["getTrading", {}],
  ["changeTrading", { wallet: "main", sell: { isOn: false } }],
  ["listClaims", {}],
  ["listChannels", {}],
  ["getEarnings", { points: 5 }],
  ["redeemClaims", {}, "conflict"],
  ["closeChannel", { id: "ab" }, "not-found"],
  ["listRewards", {}],
  ["claimRewards", {}, "conflict not-found unavailable"],
  ["listBounties", {}, "unavailable"],
  [
    "createBounty",
    {
      ...{ infoHash, perDayWei: "100", perSeederWei: "10", maximumSeeders: 2, days: 2 },
      ...{ auditors: [`0x${"12".repeat(20)}`], threshold: 1 },
    },
    "unavailable conflict not-found",
  ],
  ["getSample", {}],
  ["lockWallet", wallet],
  // A whole swarm begins while the wallet is open: a test of its own has that.
  ["startSample", {}, "conflict"],
  ["stopSample", {}],

  ["createKey", { name: "tool", scopes: ["read"] }],
  ["listKeys", {}],
  ["revokeKey", (told) => ({ id: told.get("createKey.id") })],
  ["setPassword", { password: PASSWORD }],
  ["signIn", { password: PASSWORD }],
  ["signOut", {}],
];

suite("the contract of the API", async () => {
  const daemon = await openTestDaemon({ settings: { chain: { embedded: true } } });
  after(() => daemon.close());
  const folder = join(daemon.home, "data", "downloads", sample.metainfo.name);
  await mkdir(folder, { recursive: true });
  for (const [index, { path }] of sample.metainfo.files.entries()) {
    await writeFile(join(folder, path[1]!), sample.contents[index]!);
  }
  const told: Told = new Map([["home", daemon.home]]);
  const ask = async (id: OperationId, input: object): Promise<HttpResponse> => {
    const { method, target, body } = describeRequest(id, input);
    return await daemon.request({ method, target, ...(body && { body: Buffer.from(body) }) });
  };

  test("every operation has a request here", () => {
    const asked = REQUESTS.map(([id]) => id).toSorted();
    assert.deepEqual(asked, [...OPERATION_IDS].toSorted());
  });

  for (const [id, input, problems = ""] of REQUESTS) {
    test(`${id} answers as its schema says`, async () => {
      const response = await ask(
        id,
        typeof input === "function" ? (input as MakeInput)(told) : input,
      );
      const { answer } = routeOf(id);
      if (answer === "events") return await assertEvents(response);
      const text = await readText(response);
      if (response.status !== 200) {
        const { code } = assertProblem(response, text);
        assert.ok(problems.split(" ").includes(code), `${response.status} ${text}`);
        return;
      }
      if (answer === "bytes") return assert.ok(text.length > 0);
      const json = JSON.parse(text) as object;
      // A name that the schema does not know would be dropped.
      assert.deepEqual(answer.parse(json), json);
      for (const [name, value] of Object.entries(json)) told.set(`${id}.${name}`, String(value));
    });
  }

  test("wrong input is refused with what is wrong with it, and where", async () => {
    for (const id of OPERATION_IDS) {
      const { body, path } = routeOf(id);
      const places = Object.keys(path?.shape ?? {});
      if (body !== undefined && !body.safeParse({}).success) {
        const input = Object.fromEntries(places.map((name) => [name, "1"]));
        const response = await ask(id, input);
        const text = await readText(response);
        const { code, details } = assertProblem(response, text);
        assert.deepEqual([response.status, code], [400, "bad-input"], `${id} ${text}`);
        assert.ok(
          (details?.length ?? 0) > 0 && details!.every(({ message }) => message !== ""),
          id,
        );
      }
      if (path !== undefined && "infoHash" in path.shape) {
        const response = await ask(id, { infoHash: "zz", index: "0" });
        const { details } = assertProblem(response, await readText(response));
        assert.equal(details?.[0]?.path, "path.infoHash", id);
      }
    }
  });

  test("a body that is no JSON, a path that is none, and another method are refused", async () => {
    const cases = [
      ["POST", "/api/v1/torrents", "{", 400],
      ["POST", "/api/v1/torrents", "[]", 400],
      ["GET", "/api/v1/nothing", undefined, 404],
      ["DELETE", "/api/v1/transfer", undefined, 400],
      ["PUT", "/api/v1/categories/x", "x".repeat(70_000), 413],
    ] as const;
    for (const [method, target, body, status] of cases) {
      const sent = body === undefined ? {} : { body: Buffer.from(body) };
      const response = await daemon.request({ method, target, ...sent });
      await readText(response);
      assert.equal(response.status, status, `${method} ${target}`);
    }
  });

  test("who asks again with an answer's tag hears that it holds, until it is another", async () => {
    const target = "/api/v1/categories";
    const first = await daemon.request({ method: "GET", target });
    await readText(first);
    const tag = first.headers["etag"] ?? "";
    const again = { method: "GET", target, headers: { "if-none-match": tag } };
    const second = await daemon.request(again);
    assert.deepEqual([second.status, await readText(second)], [304, ""]);
    await ask("setCategory", { name: "music" });
    const third = await daemon.request(again);
    assert.match(await readText(third), /music/);
    assert.equal(third.status, 200);
    assert.notEqual(third.headers["etag"], tag);
  });

  test("who has not signed in may do nothing but that", async () => {
    for (const id of OPERATION_IDS) {
      if (OPERATIONS[id].scope === "public") continue;
      const input = {
        infoHash,
        index: "0",
        id: "1",
        name: "x",
        address: "0x1234567890",
        network: "x",
      };
      const { method, target } = describeRequest(id, input);
      const response = await daemon.fetch(method, target);
      assertProblem(response, await readText(response));
      assert.equal(response.status, 401, `${id}: ${response.status}`);
    }
  });
});

function assertProblem({ status, headers }: HttpResponse, text: string) {
  assert.match(headers["content-type"] ?? "", /^application\/json/);
  assert.ok(status >= 400 && status !== 500, `${status} ${text}`);
  const json = JSON.parse(text) as object;
  const parsed = problem.parse(json);
  assert.deepEqual(parsed, json);
  assert.match(parsed.message, /\w/);
  return parsed;
}

/** Events of a few kinds, each as its schema says. */
async function assertEvents({ headers, body }: HttpResponse): Promise<void> {
  assert.match(headers["content-type"] ?? "", /^text\/event-stream/);
  let text = "";
  for await (const part of body) {
    text += Buffer.from(part).toString();
    if (text.includes("event: transfer") && text.endsWith("\n\n")) break;
  }
  for (const event of text.split("\n\n").filter((each) => each !== "")) {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? assert.fail(event);
    const json = JSON.parse(data!) as object;
    assert.deepEqual(EVENTS[name as EventName].parse(json), json);
  }
}
