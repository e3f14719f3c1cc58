import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { readUtpPacket, createUtpPacket, UTP_TYPE } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import { withWorld } from "@shoal/runtime/sim";
import { pattern, probe, type Probe } from "../testing/probe.ts";
import { createUtpMultiplexer, type UtpMultiplexer } from "./multiplexer.ts";

const CLIENT = { address: "10.0.0.1", port: 6881 };
const SERVER = { address: "10.0.0.2", port: 6881 };

/**
 * Transfers 500 kB over sockets that copy each datagram at once.
 * @param isTaken What the client's socket says: whether it is done with the memory.
 * @returns Of how many datagrams with payload the memory was written to afterwards.
 */
async function countOverwritten(isTaken: boolean): Promise<number> {
  return await withWorld({}, async (world) => {
    const { clock, random } = world.host({ address: "10.9.9.9" });
    const sent: { memory: Uint8Array; copy: Uint8Array; payloadOffset: number }[] = [];
    const packet = createUtpPacket();
    const carry = (bytes: Uint8Array, from: Endpoint, to: () => UtpMultiplexer): void => {
      const copy = bytes.slice();
      if (from === CLIENT && readUtpPacket(copy, packet) && packet.type === UTP_TYPE.data) {
        sent.push({ memory: bytes, copy, payloadOffset: packet.payloadOffset });
      }
      clock.setTimer(5, () => {
        to().receive(copy, from);
        to().flush();
      });
    };
    const accepted = Promise.withResolvers<Probe>();
    const client: UtpMultiplexer = createUtpMultiplexer({
      clock,
      random,
      local: CLIENT,
      send(bytes) {
        carry(bytes, CLIENT, () => server);
        return isTaken;
      },
    });
    const server: UtpMultiplexer = createUtpMultiplexer({
      clock,
      random,
      local: SERVER,
      send(bytes) {
        carry(bytes, SERVER, () => client);
        return true;
      },
      onConnection: (socket) => accepted.resolve(probe(socket)),
    });
    const message = pattern(500_000, 1);
    const socket = await world.complete(client.connect(SERVER));
    socket.write(message);
    socket.end();
    const end = await world.complete(accepted.promise);
    await world.complete(end.ended);
    assert.equal(Buffer.compare(end.received(), message), 0);
    assert.ok(sent.length > 300);
    const payloads = sent.map(({ memory, copy, payloadOffset }) =>
      Buffer.compare(memory.subarray(payloadOffset), copy.subarray(payloadOffset)),
    );
    return payloads.filter((difference) => difference !== 0).length;
  });
}

suite("memory of uTP packets", () => {
  test("is left alone while the system may still read it, and used again otherwise", async () => {
    assert.equal(await countOverwritten(false), 0);
    assert.ok((await countOverwritten(true)) > 100);
  });
});
