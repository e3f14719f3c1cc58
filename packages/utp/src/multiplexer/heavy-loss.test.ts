import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { NetError } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { pattern, probe, type Probe } from "../testing/probe.ts";
import { Wire } from "../testing/wire.ts";

const SERVER = { address: "10.0.0.2", port: 6881 };

/**
 * Both sides say something and end, over a line that loses a third of all packets.
 * @returns How either side saw it end; null when they never got as far as that.
 */
async function part(world: SimWorld): Promise<readonly (Error | null)[] | null> {
  const { random } = world.host({ address: "10.8.8.8" });
  const fate = () => ({ isLost: random.integer(3) === 0 });
  const wire = new Wire(world.host({ address: "10.9.9.9" }), { latencyMs: 10, fate });
  const accepted = Promise.withResolvers<Probe>();
  const client = wire.open("10.0.0.1");
  wire.open(SERVER.address, (socket) => accepted.resolve(probe(socket)));
  const say = ({ socket }: Probe, seed: number): void => {
    socket.write(pattern(20_000, seed));
    socket.end();
  };
  try {
    const a = probe(await world.complete(client.connect(SERVER)));
    say(a, 1);
    const first = Promise.race([accepted.promise, a.closed.then(() => null)]);
    const b = await world.complete(first);
    if (b === null) return null;
    say(b, 2);
    return await world.complete(Promise.all([a.closed, b.closed]), 600_000);
  } catch (error) {
    // Three SYNs, or their answers, may all be lost.
    if (error instanceof NetError && error.code === "timeout") return null;
    throw error;
  }
}

suite("uTP where a third of all packets is lost", () => {
  test("an end in order is never seen as a reset, whichever acknowledgement is lost", async () => {
    const ends: (Error | null)[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      ends.push(...((await withWorld({ seed }, part)) ?? []));
    }
    const codes = new Set(ends.map((error) => error && (error as NetError).code));
    assert.ok(!codes.has("reset"));
    assert.ok(ends.length > 60, `${ends.length} ends`);
  });
});
