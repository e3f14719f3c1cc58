import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withWorld, type SimHost, type SimWorld } from "@shoal/runtime/sim";
import { PortMapper, type PortMapping } from "./port-mapper.ts";
import {
  IGD_PORT,
  respond,
  startIgd,
  type TestIgd,
  type TestIgdInit,
} from "../simulation/sim-igd.ts";

const ROUTER = "192.168.1.1";
const CLIENT = "192.168.1.5";

interface Scene {
  readonly world: SimWorld;
  readonly router: SimHost;
  readonly igd: TestIgd;
  readonly mapper: PortMapper;
  readonly changes: (readonly PortMapping[])[];
  /** Lets time pass. */
  readonly after: (seconds: number) => Promise<void>;
}

/** A home network whose router speaks UPnP alone, and a program in it. */
async function inHome(
  init: TestIgdInit & { gateway?: string; prepare?: (igd: TestIgd, world: SimWorld) => void },
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  await withWorld({ seed: 1 }, async (world) => {
    const router = world.host({ address: ROUTER });
    const igd = await startIgd(router, init);
    init.prepare?.(igd, world);
    const { net, http, clock, random, log } = world.host({
      address: CLIENT,
      gateway: init.gateway ?? ROUTER,
    });
    const changes: (readonly PortMapping[])[] = [];
    const mapper = new PortMapper({
      ...{ net, http, clock, random, log, port: 6881, protocols: ["tcp", "udp"], host: undefined },
      onChange: (mappings) => changes.push(mappings),
    });
    const after = (seconds: number) => world.run({ untilMs: world.timeMs + seconds * 1000 });
    await play({ world, router, igd, mapper, changes, after });
    await world.complete(mapper.close());
  });
}

const named = ({ calls }: TestIgd): string[] => calls.map(({ action }) => action);
const portsOf = ({ mappings }: PortMapper): number[] => mappings.map((each) => each.externalPort);

suite("port mapping by UPnP", () => {
  for (const version of [1, 2] as const) {
    test(`IGD:${version}: both ports are mapped, renewed, and given back at the end`, async () => {
      let igd: TestIgd | null = null;
      await inHome({ version }, async (scene) => {
        const { mapper, changes, after } = scene;
        ({ igd } = scene);
        await after(10);
        const mapping = { by: "upnp", internalPort: 6881, externalPort: 6881 } as const;
        const found = (["tcp", "udp"] as const).map((protocol) => ({
          ...mapping,
          protocol,
          externalAddress: "203.0.113.1",
        }));
        assert.deepEqual(mapper.mappings, found);
        assert.deepEqual(changes, [found]);
        assert.deepEqual(
          [...igd.table],
          [
            ["TCP 6881", { to: `${CLIENT}:6881`, lifetimeS: 7200 }],
            ["UDP 6881", { to: `${CLIENT}:6881`, lifetimeS: 7200 }],
          ],
        );
        const add = version === 1 ? "AddPortMapping" : "AddAnyPortMapping";
        assert.equal(named(igd).filter((action) => action === add).length, 2);
        // A router that has restarted has lost them.
        igd.table.clear();
        await after(20 * 60);
        assert.equal(igd.table.size, 2);
        assert.equal(changes.length, 1);
      });
      assert.equal(igd!.table.size, 0);
    });
  }

  test("WANIPConnection 725: a router that knows only permanent mappings gets those, and they are taken back", async () => {
    const answer = (action: string, { NewLeaseDuration }: Record<string, string>) =>
      action === "AddPortMapping" && NewLeaseDuration !== "0" ? 725 : undefined;
    let left: TestIgd | null = null;
    await inHome({ answer }, async ({ igd, mapper, after }) => {
      left = igd;
      await after(10);
      assert.deepEqual(portsOf(mapper), [6881, 6881]);
      assert.deepEqual(
        [...igd.table.values()].map(({ lifetimeS }) => lifetimeS),
        [0, 0],
      );
      // It was asked for a lifetime once, and not again when they are renewed.
      await after(20 * 60);
      assert.equal(named(igd).filter((action) => action === "AddPortMapping").length, 5);
    });
    assert.equal(left!.table.size, 0);
  });

  test("WANIPConnection 718: a port that another has is asked for elsewhere, the same for TCP and UDP", async () => {
    const prepare = ({ table }: TestIgd) =>
      void table.set("TCP 6881", { to: "192.168.1.9:6881", lifetimeS: 0 });
    await inHome({ prepare }, async ({ igd, mapper, after }) => {
      await after(10);
      const [tcp, udp] = portsOf(mapper);
      assert.equal(tcp, udp);
      assert.ok(tcp! >= 49_152 && tcp! <= 65_535, String(tcp));
      assert.equal(igd.table.get("TCP 6881")!.to, "192.168.1.9:6881");
      await after(20 * 60);
      assert.deepEqual(portsOf(mapper), [tcp, tcp], "the port is kept");
    });
  });

  test("a port that is taken for UDP alone is given up for TCP too", async () => {
    const prepare = ({ table }: TestIgd) =>
      void table.set("UDP 6881", { to: "192.168.1.9:6881", lifetimeS: 0 });
    await inHome({ prepare }, async ({ igd, mapper, after }) => {
      await after(10);
      const [tcp, udp] = portsOf(mapper);
      assert.equal(tcp, udp);
      assert.equal(igd.table.has("TCP 6881"), false);
      assert.equal(igd.table.size, 3);
    });
  });

  test("IGD:2: the port that the router chooses counts", async () => {
    const answer = (action: string) =>
      action === "AddAnyPortMapping" ? { NewReservedPort: "40001" } : undefined;
    await inHome({ version: 2, answer }, async ({ mapper, after }) => {
      await after(10);
      assert.deepEqual(portsOf(mapper), [40_001, 40_001]);
    });
  });

  test("IGD:2: a router that does not choose after all is asked as one of version 1", async () => {
    const answer = (action: string) => (action === "AddAnyPortMapping" ? 401 : undefined);
    await inHome({ version: 2, answer }, async ({ mapper, after }) => {
      await after(10);
      assert.deepEqual(portsOf(mapper), [6881, 6881]);
    });
  });

  test("of several lines the one that is connected is asked", async () => {
    const service = (name: string) =>
      `<service><serviceType>urn:schemas-upnp-org:service:${name}</serviceType><controlURL>/${name}</controlURL></service>`;
    const description = `<root>${service("WANIPConnection:1")}${service("WANPPPConnection:1")}</root>`;
    let asked = "";
    const raw = (_: unknown, target: string) => {
      asked = target;
      return false;
    };
    const answer = (action: string) =>
      action === "GetStatusInfo"
        ? { NewConnectionStatus: asked.includes("PPP") ? "Connected" : "Disconnected" }
        : undefined;
    await inHome({ description, raw, answer }, async ({ mapper, after }) => {
      await after(10);
      assert.equal(mapper.mappings.length, 2);
      assert.equal(asked, "/WANPPPConnection:1");
    });
  });

  test("a router that refuses is asked again after ten minutes", async () => {
    await inHome({ answer: () => 606 }, async ({ igd, mapper, after }) => {
      await after(60);
      assert.deepEqual(mapper.mappings, []);
      assert.deepEqual(named(igd), ["AddPortMapping"]);
      await after(500);
      assert.equal(igd.calls.length, 1);
      await after(120);
      assert.equal(igd.calls.length, 2);
    });
  });

  test("limit: calls that a mapping takes", async () => {
    await inHome({ answer: () => 718 }, async ({ igd, mapper, after }) => {
      await after(60);
      assert.equal(igd.calls.length, 6);
      assert.deepEqual(mapper.mappings, []);
    });
  });

  test("limit: where a router is asked", async () => {
    for (const location of [
      `http://192.168.1.66:${IGD_PORT}/root.xml`,
      `http://127.0.0.1:${IGD_PORT}/root.xml`,
      `http://router.example:${IGD_PORT}/root.xml`,
      `https://${ROUTER}/root.xml`,
      "file:///etc/passwd",
    ]) {
      const prepare = (_: TestIgd, world: SimWorld): void => {
        world.name("router.example", [ROUTER]);
        void startIgd(world.host({ address: "192.168.1.66" }), {
          answer: () => assert.fail("another host was asked"),
          raw: () => assert.fail("another host was asked"),
        });
      };
      await inHome({ location, prepare }, async ({ igd, mapper, after }) => {
        await after(60);
        assert.ok(igd.searches > 0);
        assert.deepEqual([igd.calls, mapper.mappings], [[], []]);
      });
    }
  });

  test("a redirect of a router is not followed, to itself or elsewhere", async () => {
    for (const to of [`http://${ROUTER}:${IGD_PORT}/other.xml`, "http://192.168.1.66/root.xml"]) {
      const targets: string[] = [];
      const raw: NonNullable<TestIgdInit["raw"]> = (socket, target) => {
        targets.push(target);
        respond(socket, 302, "", `Location: ${to}\r\n`);
        return true;
      };
      await inHome({ raw }, async ({ mapper, after }) => {
        await after(60);
        assert.deepEqual(targets, ["/root.xml"]);
        assert.deepEqual(mapper.mappings, []);
      });
    }
  });

  test("limit: a router's answer", async () => {
    const tooLong: NonNullable<TestIgdInit["raw"]> = (socket) => {
      socket.write(Buffer.from("HTTP/1.1 200 OK\r\n\r\n<root>"));
      const part = Buffer.alloc(64 * 1024, " ");
      for (let sent = 0; sent < 40; sent++) socket.write(part);
      return true;
    };
    await inHome({ raw: tooLong }, async ({ world, mapper, after }) => {
      await after(60);
      assert.deepEqual(mapper.mappings, []);
      assert.ok(world.counters.bytesDelivered < 600_000, String(world.counters.bytesDelivered));
    });
    let gone = 0;
    const dripping: NonNullable<TestIgdInit["raw"]> = (socket) => {
      socket.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"));
      const drip = (left: number): void =>
        left === 0 ? void gone++ : socket.write(Buffer.from(" "), () => drip(left - 1));
      drip(200);
      return true;
    };
    await inHome({ raw: dripping }, async ({ mapper, after }) => {
      await after(30);
      assert.equal(gone, 1);
      assert.deepEqual(mapper.mappings, []);
    });
  });

  test("a router whose calls hang holds up nobody for long, nor does it hold up the end", async () => {
    await inHome({ answer: () => null }, async ({ world, mapper, after }) => {
      await after(6);
      const before = world.timeMs;
      await world.complete(mapper.close());
      assert.ok(world.timeMs - before < 3000, `${world.timeMs - before} ms`);
    });
  });

  test("answers of others in the local network are not listened to", async () => {
    await inHome({ gateway: "192.168.1.2" }, async ({ igd, mapper, after }) => {
      // What answers is not the default router.
      await after(60);
      assert.ok(igd.searches > 0);
      assert.deepEqual([igd.calls, mapper.mappings], [[], []]);
    });
  });
});
