import assert from "node:assert/strict";
import { suite, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { JsonChild } from "../bench/clients/json-child.ts";
import type { Scope } from "../bench/clients/scope.ts";
import { needClients, openScope } from "./clients.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, WITHIN } from "./shoal.ts";
import { createUplinks, SERVER, SERVER_NAME, startServices, type Uplinks } from "./uplinks.ts";

const BIN = fileURLToPath(new URL("../bin/shoal", import.meta.url));
const BOUND = ["--interface", "up0", "--name-server", SERVER];

async function start(scope: Scope, namespace: string, ...args: string[]): Promise<JsonChild> {
  const env = { SHOAL_HOME: await scope.folder(), NO_COLOR: "1", ...WITHIN };
  return new JsonChild(BIN, [...args, "--events", "ndjson"], { scope, env, namespace });
}

/** A server with trackers, a seed and a web seed, all of which the torrent names by name. */
async function prepare(t: TestContext, sources: "peers" | "web") {
  const scope = openScope(t);
  const uplinks = await createUplinks(scope);
  const dir = await writeSample(scope);
  await startServices(scope, uplinks.server, dir);
  const tracker = await start(scope, uplinks.server, "tracker", "--host", SERVER, "--port", "6969");
  await tracker.waitForEvent("listening");
  const { torrent } = await createTorrent(
    `${dir}/${SAMPLE_NAME}`,
    `${dir}/t`,
    ...["--piece-length", PIECE_LENGTH],
    ...["--tracker", `http://${SERVER_NAME}:6969/announce`],
    ...["--tracker", `udp://${SERVER_NAME}:6969/announce`],
    ...(sources === "web" ? ["--web-seed", `http://${SERVER_NAME}/`] : []),
  );
  let peer = "";
  if (sources === "peers") {
    const seed = await start(
      scope,
      uplinks.server,
      "seed",
      torrent,
      "--dir",
      dir,
      "--host",
      SERVER,
    );
    await seed.waitForEvent("state", { isWanted: ({ state }) => state === "seeding" });
    const { port } = await seed.waitForEvent("listening");
    peer = `${SERVER_NAME}:${String(port)}`;
  }
  const target = await scope.folder();
  const get = (...more: string[]) =>
    start(
      scope,
      uplinks.machine,
      ...["get", torrent, "--dir", target, ...(peer === "" ? [] : ["--peer", peer]), ...more],
    );
  return { uplinks, dir, target, get };
}

async function assertNothingSpilled(uplinks: Uplinks): Promise<void> {
  assert.equal(await uplinks.spilled(), 0, "packets left by the other interface");
}

suite("one interface", await needClients("iproute2"), () => {
  for (const sources of ["peers", "web"] as const) {
    test(`trackers, names and ${sources} are reached by it alone`, async (t) => {
      const { uplinks, dir, target, get } = await prepare(t, sources);
      const shoal = await get(...BOUND);
      assert.equal((await shoal.exited).code, 0, shoal.tail);
      await assertSameFiles(dir, target);
      await assertNothingSpilled(uplinks);
    });
  }

  for (const { state, utp, most } of [
    { state: "gone", utp: "off", most: 0 },
    { state: "gone", utp: "only", most: 0 },
    // Nobody tells that an interface is set down: what is sent before the next look leaves by the way that is left.
    { state: "down", utp: "only", most: 4 },
    // Linux sends the reset of each connection by the way that is left, and perhaps once what was under way.
    { state: "down", utp: "off", most: 12 },
  ] as const) {
    const what = most === 0 ? "nothing leaves" : "no more than was under way leaves";
    test(`while it is ${state} ${what} by another, and the download goes on, with --utp ${utp}`, async (t) => {
      const { uplinks, dir, target, get } = await prepare(t, "peers");
      const shoal = await get(...BOUND, "--utp", utp, "--max-down", "300K");
      await shoal.waitForEvent("progress", {
        isWanted: ({ verifiedBytes }) => Number(verifiedBytes) > 0,
      });
      await uplinks.setUp0(state);
      if (utp === "off") await shoal.waitForEvent("peer-disconnected");
      // Some seconds: dials, announces and look-ups are tried again meanwhile.
      const before = shoal.events.length;
      await shoal.waitForEvent("progress", { isWanted: () => shoal.events.length > before + 12 });
      const spilled = await uplinks.spilled();
      assert.ok(spilled <= most, `${spilled} packets left by the other interface`);
      await uplinks.setUp0("up");
      assert.equal((await shoal.exited).code, 0, shoal.tail);
      await assertSameFiles(dir, target);
      assert.equal(await uplinks.spilled(), spilled);
    });
  }

  test("bound to the other the same run leaves by that, so the count of packets counts", async (t) => {
    const { uplinks, get } = await prepare(t, "peers");
    await uplinks.setUp0("down");
    const shoal = await get(
      "--peer",
      `${SERVER}:6969`,
      "--interface",
      "up1",
      "--name-server",
      SERVER,
    );
    assert.equal((await shoal.exited).code, 0, shoal.tail);
    assert.ok((await uplinks.spilled()) > 0);
  });

  test("one that is down, or whose address leads elsewhere, ends the command at once", async (t) => {
    const { uplinks, get } = await prepare(t, "peers");
    const elsewhere = await get("--interface", "up1");
    assert.equal((await elsewhere.exited).code, 1);
    assert.match(elsewhere.tail, /the system sends what comes from 198\.51\.100\.5 by up0/);
    await uplinks.setUp0("down");
    for (const name of ["up0", "tun9"]) {
      const down = await get("--interface", name);
      assert.equal((await down.exited).code, 1);
      assert.match(down.tail, /it is down, not there, or has no address/);
    }
    await assertNothingSpilled(uplinks);
  });
});
