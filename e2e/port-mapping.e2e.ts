import assert from "node:assert/strict";
import { suite, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { JsonChild } from "../bench/clients/json-child.ts";
import type { Scope } from "../bench/clients/scope.ts";
import { needClients, openScope } from "./clients.ts";
import {
  createHomeNetwork,
  type HomeNetwork,
  OUTSIDE,
  ROUTER_OUTSIDE,
  type RouterKind,
} from "./home-network.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent } from "./shoal.ts";

const BIN = fileURLToPath(new URL("../bin/shoal", import.meta.url));
const PORT = "6881";

interface Scene {
  readonly home: HomeNetwork;
  readonly dir: string;
  /** Starts a seed on a machine inside, and waits until the router passes its port on: to this port outside. */
  readonly seed: (
    machine: string,
    ...more: string[]
  ) => Promise<{ shoal: JsonChild; port: number; by: string }>;
  /** Downloads outside, from whomever the tracker names, and says at which address that was. */
  readonly get: (...more: string[]) => Promise<string>;
}

async function start(scope: Scope, namespace: string, ...args: string[]): Promise<JsonChild> {
  const env = { SHOAL_HOME: await scope.folder(), NO_COLOR: "1" };
  return new JsonChild(BIN, [...args, "--events", "ndjson"], { scope, env, namespace });
}

async function prepare(t: TestContext, kind: RouterKind): Promise<Scene> {
  const scope = openScope(t);
  const home = await createHomeNetwork(scope, kind);
  const dir = await writeSample(scope);
  const tracker = await start(scope, home.outside, "tracker", "--host", OUTSIDE, "--port", "6969");
  await tracker.waitForEvent("listening");
  const { torrent } = await createTorrent(
    `${dir}/${SAMPLE_NAME}`,
    `${dir}/t`,
    ...["--piece-length", PIECE_LENGTH],
    ...["--tracker", `http://${OUTSIDE}:6969/announce`],
  );
  return {
    home,
    dir,
    async seed(machine, ...more) {
      const files = ["seed", torrent, "--dir", dir, "--port", PORT];
      const shoal = await start(scope, machine, ...files, "--no-lsd", ...more);
      const { mappings } = await shoal.waitForEvent("ports-mapped");
      const [tcp, udp] = mappings as { by: string; externalPort: number }[];
      assert.equal(tcp!.externalPort, udp!.externalPort, "TCP and UDP have the same port outside");
      return { shoal, port: tcp!.externalPort, by: tcp!.by };
    },
    async get(...more) {
      const target = await scope.folder();
      const where = ["--dir", target, "--host", OUTSIDE, "--no-lsd", "--no-port-mapping"];
      const shoal = await start(scope, home.outside, "get", torrent, ...where, ...more);
      assert.equal((await shoal.exited).code, 0, shoal.tail);
      await assertSameFiles(dir, target);
      const peers = shoal.events.filter(({ event }) => event === "peer-connected");
      assert.deepEqual(
        peers.map(({ incoming }) => incoming),
        [false],
        "the seed was connected to",
      );
      return `${String(peers[0]!["address"])}:${String(peers[0]!["port"])}`;
    },
  };
}

suite("a seed behind a router", await needClients("iproute2", "nftables", "miniupnpd"), () => {
  for (const { kind, way } of [
    { kind: "pcp", way: "pcp" },
    { kind: "nat-pmp", way: "nat-pmp" },
    { kind: "igd-1", way: "upnp" },
    { kind: "igd-2", way: "upnp" },
  ] as const) {
    test(`${kind}: is reached from outside over TCP and uTP, and leaves nothing behind`, async (t) => {
      const { home, seed, get } = await prepare(t, kind);
      const { shoal, port, by } = await seed(home.machines[0]);
      assert.deepEqual([by, port], [way, 6881]);
      const leads = "6881 -> 192.168.77.2:6881";
      assert.deepEqual(await home.passedOn(), [leads, leads]);
      for (const utp of ["off", "only"]) {
        assert.equal(await get("--utp", utp), `${ROUTER_OUTSIDE}:6881`);
      }
      await shoal.stop("SIGINT");
      assert.deepEqual(await home.passedOn(), []);
    });

    test(`${kind}: where a neighbour has the port, it is reached at another`, async (t) => {
      const { home, seed, get } = await prepare(t, kind);
      const first = await seed(home.machines[0]);
      const second = await seed(home.machines[1]);
      assert.equal(first.port, 6881);
      assert.notEqual(second.port, 6881);
      // The tracker knows both by their ports outside: whoever is asked is reached.
      await first.shoal.stop("SIGINT");
      for (const utp of ["off", "only"]) {
        assert.equal(await get("--utp", utp), `${ROUTER_OUTSIDE}:${second.port}`);
      }
    });
  }

  test("by one interface alone it asks the router of that", async (t) => {
    const { home, seed, get } = await prepare(t, "igd-2");
    const { by } = await seed(home.machines[0], "--interface", "lan", "--name-server", OUTSIDE);
    assert.equal(by, "upnp");
    assert.equal(await get(), `${ROUTER_OUTSIDE}:6881`);
  });
});
