import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type SimHost, withWorld } from "@shoal/runtime/sim";
import { isUtpSocket } from "@shoal/utp";
import { openPeerTransport, type PeerTransport, type UtpMode } from "./peer-transport.ts";

function open(host: SimHost, mode: UtpMode, port = 6881): Promise<PeerTransport> {
  const { address } = host;
  return openPeerTransport({ runtime: host, host: address, port, mode, onConnection() {} });
}

suite("connecting to peers", () => {
  test("in a local network uTP behind TCP outlives a first packet that is lost", async () => {
    await withWorld({}, async (world) => {
      const [here, there] = ["10.0.0.1", "10.0.0.2"].map((address) => world.host({ address }));
      const transport = await world.complete(open(here!, "prefer"));
      const dialing = transport.connect({ host: there!.address, port: 6881, timeoutMs: 10_000 });
      // TCP is refused, and the first packet of uTP finds nobody: the second is sent after a second.
      await world.run({ untilMs: 500 });
      const other = await world.complete(open(there!, "only"));
      const socket = await world.complete(dialing);
      assert.ok(world.timeMs > 1000 && world.timeMs < 1500, `${world.timeMs} ms`);
      socket.destroy();
      await world.complete(Promise.all([transport.close(), other.close()]));
    });
  });

  test("a peer that is known to speak uTP gets longer for it than a stranger", async () => {
    for (const [utp, overTcp] of [
      ["unknown", true],
      ["spoken", false],
    ] as const) {
      await withWorld({}, async (world) => {
        const [here, there] = ["81.2.3.1", "81.2.3.2"].map((address) => world.host({ address }));
        const transport = await world.complete(open(here!, "prefer"));
        await world.complete(there!.net.listen({ port: 6881 }, () => {}));
        const dialing = transport.connect({ host: there!.address, port: 6881, utp });
        // As if the first packet were lost: the second one is answered by a side that is there by then.
        await world.run({ untilMs: 999 });
        const other = await world.complete(open(there!, "only"));
        const socket = await world.complete(dialing);
        assert.equal(isUtpSocket(socket), !overTcp);
        socket.destroy();
        await world.complete(Promise.all([transport.close(), other.close()]));
      });
    }
  });

  test("BEP 55: who is to be met over uTP alone is not tried over TCP", async () => {
    await withWorld({}, async (world) => {
      const [here, there] = ["10.0.0.1", "10.0.0.2"].map((address) => world.host({ address }));
      await world.complete(there!.net.listen({ port: 6881 }, () => assert.fail("TCP was tried")));
      const endpoint = { host: there!.address, port: 6881, timeoutMs: 5000 };
      for (const [mode, code] of [
        ["prefer", "timeout"],
        ["off", "failed"],
      ] as const) {
        const transport = await world.complete(open(here!, mode));
        assert.equal(transport.canPunch, mode === "prefer");
        const dialing = transport.connect({ ...endpoint, utp: "only" });
        await assert.rejects(world.complete(dialing), { name: "NetError", code });
        await world.complete(transport.close());
      }
    });
  });
});
