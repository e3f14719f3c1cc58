import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withWorld, type SimHost, type SimWorld } from "@shoal/runtime/sim";
import { PortMapper } from "./port-mapper.ts";

const ROUTER = "192.168.1.1";
const CLIENT = "192.168.1.5";

interface Router {
  /** Hex of what it was asked. */
  readonly asked: string[];
  /** By protocol number of NAT-PMP (1 UDP, 2 TCP): seconds. */
  readonly mapped: Map<number, number>;
}

/** A router that speaks NAT-PMP, and PCP where it is `pcp`. */
async function startRouter(
  host: SimHost,
  kind: "pcp" | "nat-pmp" | "silent",
  { result = 0, lifetimeS = 3600 } = {},
): Promise<Router> {
  const router: Router = { asked: [], mapped: new Map() };
  const socket = await host.net.bindUdp({ port: 5351 }, (bytes, from) => {
    router.asked.push(Buffer.from(bytes).toString("hex"));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (kind === "silent") return;
    if (bytes[0] === 2 && kind === "nat-pmp") {
      socket.send(Uint8Array.of(0, 0x81, 0, 1, 0, 0, 0, 0), from);
      return;
    }
    const isPcp = bytes[0] === 2;
    const protocol = isPcp ? (bytes[36] === 17 ? 1 : 2) : bytes[1]!;
    const wanted = view.getUint32(isPcp ? 4 : 8);
    if (result === 0) {
      if (wanted === 0) router.mapped.delete(protocol);
      else router.mapped.set(protocol, wanted);
    }
    const granted = Math.min(wanted, lifetimeS);
    const answer = isPcp ? Uint8Array.from(bytes) : new Uint8Array(16);
    const out = new DataView(answer.buffer);
    answer[1] = bytes[1]! | 0x80;
    if (isPcp) {
      answer[3] = result;
      out.setUint32(4, granted);
      answer.set([0xff, 0xff, 203, 0, 113, 1], 54);
    } else {
      out.setUint16(2, result);
      out.setUint16(8, view.getUint16(4));
      out.setUint16(10, view.getUint16(6));
      out.setUint32(12, granted);
    }
    socket.send(answer, from);
  });
  return router;
}

function startMapper(machine: SimHost, host?: string): PortMapper {
  const { net, http, clock, random, log } = machine;
  const onChange = (): void => {};
  const rest = { port: 6881, protocols: ["tcp", "udp"], host, onChange } as const;
  return new PortMapper({ net, http, clock, random, log, ...rest });
}

const after = (world: SimWorld, seconds: number) =>
  world.run({ untilMs: world.timeMs + seconds * 1000 });

suite("port mapping", () => {
  for (const kind of ["pcp", "nat-pmp"] as const) {
    test(`${kind}: both ports are mapped, renewed, and given back at the end`, async () => {
      await withWorld({ seed: 1 }, async (world) => {
        const router = await startRouter(world.host({ address: ROUTER }), kind);
        const client = world.host({ address: CLIENT, gateway: ROUTER });
        const mapper = startMapper(client);
        await after(world, 5);
        const externalAddress = kind === "pcp" ? "203.0.113.1" : null;
        assert.deepEqual(
          mapper.mappings,
          (["tcp", "udp"] as const).map((protocol) => ({
            by: kind,
            protocol,
            internalPort: 6881,
            externalPort: 6881,
            externalAddress,
          })),
        );
        const asked = router.asked.length;
        assert.ok(asked <= 5, `${asked} datagrams`);
        await after(world, 605);
        // A lifetime of an hour is renewed by then: what failed, after ten minutes, sooner.
        await after(world, 1200);
        assert.equal(router.asked.length, asked + 2);
        await world.complete(mapper.close());
        assert.equal(router.mapped.size, 0);
      });
    });
  }

  test("a router that refuses, or is silent, is asked again after ten minutes", async () => {
    for (const kind of ["pcp", "silent"] as const) {
      await withWorld({ seed: 1 }, async (world) => {
        const host = world.host({ address: ROUTER });
        const router = await startRouter(host, kind, { result: 2 });
        const mapper = startMapper(world.host({ address: CLIENT, gateway: ROUTER }));
        await after(world, 60);
        assert.deepEqual(mapper.mappings, []);
        const asked = router.asked.length;
        assert.ok(asked > 0 && asked <= 14, `${asked} datagrams`);
        await after(world, 500);
        assert.equal(router.asked.length, asked);
        await after(world, 120);
        assert.equal(router.asked.length, asked * 2);
        await world.complete(mapper.close());
      });
    }
  });

  test("limit: who answers about ports", async () => {
    await withWorld({ seed: 1 }, async (world) => {
      const client = world.host({ address: CLIENT, gateway: ROUTER });
      world.host({ address: ROUTER });
      const liar = world.host({ address: "192.168.1.66" });
      const mapper = startMapper(client);
      const socket = await liar.net.bindUdp({ port: 5351 }, () => {});
      for (let port = 49_152; port < 49_160; port++) {
        socket.send(Buffer.from("00820000000000011ae11b5800000e10", "hex"), {
          address: CLIENT,
          port,
        });
      }
      await after(world, 30);
      assert.deepEqual(mapper.mappings, []);
      await world.complete(mapper.close());
    });
  });

  test("a session that listens at another address than the router's network has asks for nothing", async () => {
    await withWorld({ seed: 1 }, async (world) => {
      const router = await startRouter(world.host({ address: ROUTER }), "pcp");
      const client = world.host({ address: CLIENT, gateway: ROUTER });
      const local = startMapper(client, "127.0.0.1");
      await after(world, 30);
      assert.deepEqual(router.asked, []);
      await world.complete(local.close());
      const bound = startMapper(client, CLIENT);
      await after(world, 5);
      assert.equal(bound.mappings.length, 2);
      await world.complete(bound.close());
    });
  });

  test("a router at a public address, and none at all, is not asked", async () => {
    await withWorld({ seed: 1 }, async (world) => {
      const router = await startRouter(world.host({ address: "198.41.0.1" }), "pcp");
      const mapper = startMapper(world.host({ address: "198.41.0.2", gateway: "198.41.0.1" }));
      const alone = startMapper(world.host({ address: "10.0.0.9" }));
      await after(world, 30);
      assert.deepEqual([...router.asked, ...mapper.mappings, ...alone.mappings], []);
      await world.complete(Promise.all([mapper.close(), alone.close()]));
    });
  });
});
