import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import { openUdpHub } from "./udp-hub.ts";

suite("the UDP socket of a session", () => {
  test("each datagram goes to the first that takes it, and turns end for all", async () => {
    await withWorld({}, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const other = world.host({ address: "10.0.0.2" });
      const hub = await world.complete(openUdpHub(host.net, { port: 6881 }));
      const sender = await world.complete(other.net.bindUdp({ port: 1 }, () => {}));
      const heard: string[] = [];
      const taker = (name: string, first: number) => ({
        receive(bytes: Uint8Array) {
          if (bytes[0] !== first) return false;
          heard.push(name);
          return true;
        },
        onTurnEnd: () => heard.push(`${name} ends`),
      });
      const remove = hub.register(taker("a", 1));
      hub.register(taker("b", 2));
      const send = async (first: number) => {
        sender.send(Uint8Array.of(first), { address: "10.0.0.1", port: 6881 });
        await world.run({ untilMs: world.timeMs + 100 });
      };
      await send(1);
      await send(2);
      await send(3);
      assert.deepEqual(heard, [
        ...["a", "a ends", "b ends"],
        ...["b", "a ends", "b ends"],
        ...["a ends", "b ends"],
      ]);
      assert.equal(hub.unclaimed, 1);
      hub.onDatagram((bytes) => {
        heard.push(`tracker ${bytes[0]}`);
        return bytes[0] === 1;
      });
      remove();
      heard.length = 0;
      await send(1);
      assert.deepEqual(heard, ["tracker 1", "b ends"]);
      assert.equal(hub.unclaimed, 1);
      await send(4);
      assert.equal(hub.unclaimed, 2, "no answer that was waited for");
      await world.complete(hub.close());
    });
  });
});
