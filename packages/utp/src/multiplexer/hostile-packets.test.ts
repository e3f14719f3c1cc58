import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { UTP_HEADER_BYTES, UTP_TYPE, type UtpHeader, writeUtpHeader } from "@shoal/protocol";
import type { Endpoint, NetError, StreamSocket } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { pattern, probe, type Probe } from "../testing/probe.ts";
import { Wire } from "../testing/wire.ts";
import { createUtpMultiplexer, type UtpMultiplexer } from "./multiplexer.ts";

const CLIENT = { address: "10.0.0.1", port: 6881 };
const SERVER = { address: "10.0.0.2", port: 6881 };

function datagram(fields: Partial<UtpHeader>, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(UTP_HEADER_BYTES + payload.length);
  writeUtpHeader(bytes, {
    type: UTP_TYPE.data,
    extension: 0,
    connectionId: 0,
    timestampUs: 1,
    timestampDifferenceUs: 0,
    windowBytes: 1_000_000,
    seqNr: 0,
    ackNr: 0,
    ...fields,
  });
  bytes.set(payload, UTP_HEADER_BYTES);
  return bytes;
}

/** A server alone, and what it answers. */
async function server(
  body: (scene: {
    world: SimWorld;
    mux: UtpMultiplexer;
    accepted: StreamSocket[];
    /** Hands in a datagram; what is sent because of it. */
    readonly ask: (bytes: Uint8Array, from: Endpoint) => Uint8Array[];
  }) => Promise<void>,
): Promise<void> {
  await withWorld({}, async (world) => {
    const { clock, random } = world.host({ address: "10.9.9.9" });
    const accepted: StreamSocket[] = [];
    let answers: Uint8Array[] = [];
    const mux = createUtpMultiplexer({
      send(bytes) {
        answers.push(bytes.slice());
        return true;
      },
      clock,
      random,
      local: SERVER,
      onConnection: (socket) => accepted.push(socket),
    });
    await body({
      world,
      mux,
      accepted,
      ask(bytes, from) {
        answers = [];
        mux.receive(bytes, from);
        mux.flush();
        return answers;
      },
    });
  });
}

/** A connection that has carried something, with the wire under the test's hands. */
async function connected(
  body: (scene: {
    world: SimWorld;
    wire: Wire;
    a: Probe;
    b: Probe;
    sent: Uint8Array[];
  }) => Promise<void>,
): Promise<void> {
  await withWorld({}, async (world) => {
    const host = world.host({ address: "10.9.9.9" });
    const sent: Uint8Array[] = [];
    const fate = (bytes: Uint8Array, from: Endpoint) => {
      if (from.address === CLIENT.address) sent.push(bytes.slice());
      return {};
    };
    const wire = new Wire(host, { latencyMs: 10, fate });
    const accepted = Promise.withResolvers<Probe>();
    wire.open(SERVER.address, (socket) => accepted.resolve(probe(socket)));
    const client = wire.open(CLIENT.address);
    const a = probe(await world.complete(client.connect(SERVER)));
    a.socket.write(pattern(1000, 1));
    const b = await world.complete(accepted.promise);
    await world.run({ until: () => b.receivedBytes === 1000, limitMs: 10_000 });
    await body({ world, wire, a, b, sent });
  });
}

suite("uTP under attack", () => {
  test("a flood of SYNs leaves no state, and answers are no longer than the questions", async () => {
    await server(async ({ mux, ask, accepted }) => {
      for (let index = 0; index < 5000; index++) {
        const from = { address: `10.1.${index >> 8}.${index & 255}`, port: 1000 + index };
        const syn = datagram({ type: UTP_TYPE.syn, connectionId: index, seqNr: index });
        const answers = ask(syn, from);
        assert.equal(answers.length, 1);
        assert.ok(answers[0]!.length <= syn.length);
      }
      assert.equal(mux.connections, 0);
      assert.equal(accepted.length, 0);
    });
  });

  test("who continues with the number of the answer is connected, also when his first packet is late", async () => {
    await server(async ({ mux, ask, accepted }) => {
      const from = { address: "10.1.1.1", port: 5 };
      const [answer] = ask(datagram({ type: UTP_TYPE.syn, connectionId: 7, seqNr: 100 }), from);
      const view = new DataView(answer!.buffer);
      const ackNr = (view.getUint16(16) - 1) & 0xffff;
      assert.equal(view.getUint16(18), 100);
      ask(datagram({ connectionId: 8, seqNr: 102, ackNr }, pattern(10, 0)), from);
      assert.equal(accepted.length, 1);
      const end = probe(accepted[0]!);
      ask(datagram({ connectionId: 8, seqNr: 101, ackNr }, pattern(10, 1)), from);
      assert.deepEqual(end.received(), Buffer.concat([pattern(10, 1), pattern(10, 0)]));
      assert.equal(mux.connections, 1);
    });
  });

  test("who has not seen the answer is not connected", async () => {
    await server(async ({ mux, ask, accepted }) => {
      const from = { address: "10.1.1.1", port: 5 };
      const [answer] = ask(datagram({ type: UTP_TYPE.syn, connectionId: 7, seqNr: 100 }), from);
      const firstSeqNr = new DataView(answer!.buffer).getUint16(16);
      for (let guess = 0; guess < 3000; guess++) {
        const ackNr = (firstSeqNr + 100 + guess) & 0xffff;
        ask(datagram({ connectionId: 8, seqNr: 101, ackNr }, pattern(10, 0)), from);
      }
      // The right number from elsewhere is as wrong.
      const ackNr = (firstSeqNr - 1) & 0xffff;
      ask(datagram({ connectionId: 8, seqNr: 101, ackNr }), { ...from, port: 6 });
      assert.equal(accepted.length, 0);
      assert.equal(mux.connections, 0);
    });
  });

  test("an answer to a SYN is of no use after a minute", async () => {
    await server(async ({ world, ask, accepted }) => {
      const from = { address: "10.1.1.1", port: 5 };
      const [answer] = ask(datagram({ type: UTP_TYPE.syn, connectionId: 7, seqNr: 100 }), from);
      const ackNr = (new DataView(answer!.buffer).getUint16(16) - 1) & 0xffff;
      await world.run({ untilMs: 60_000 });
      ask(datagram({ connectionId: 8, seqNr: 101, ackNr }, pattern(10, 0)), from);
      assert.equal(accepted.length, 0);
    });
  });

  test("one address gets so many connections and no more", async () => {
    await server(async ({ mux, ask }) => {
      for (let index = 0; index < 400; index++) {
        const from = { address: "10.1.1.1", port: 1000 + index };
        const [answer] = ask(datagram({ type: UTP_TYPE.syn, connectionId: 7, seqNr: 100 }), from);
        const ackNr = (new DataView(answer!.buffer).getUint16(16) - 1) & 0xffff;
        ask(datagram({ connectionId: 8, seqNr: 101, ackNr }, pattern(10, 0)), from);
      }
      assert.equal(mux.connections, 200);
    });
  });

  test("resets to strangers are few, no longer than the question, and never answer an answer", async () => {
    await server(async ({ ask }) => {
      let resets = 0;
      for (let index = 0; index < 1000; index++) {
        const from = { address: "10.1.1.1", port: 1000 + index };
        resets += ask(datagram({ connectionId: 9, seqNr: index }, pattern(5, 0)), from).length;
      }
      assert.equal(resets, 100);
      const from = { address: "10.1.1.2", port: 1 };
      assert.equal(ask(datagram({ type: UTP_TYPE.state }), from).length, 0);
      assert.equal(ask(datagram({ type: UTP_TYPE.reset }), from).length, 0);
    });
  });

  test("a reset counts only with a plausible acknowledgement", async () => {
    await connected(async ({ world, wire, b, sent }) => {
      const view = new DataView(sent.at(-1)!.buffer);
      const [connectionId, ackNr] = [view.getUint16(2), view.getUint16(18)];
      const reset = (ack: number) =>
        wire.inject(
          datagram({ type: UTP_TYPE.reset, connectionId, ackNr: ack & 0xffff }),
          CLIENT,
          SERVER,
        );
      for (let step = 1; step < 0x8000; step += 17) reset(ackNr + step);
      await world.run({ untilMs: world.timeMs + 100 });
      b.socket.write(pattern(10, 0));
      await world.run({ untilMs: world.timeMs + 100 });
      assert.equal(b.faults, 0);
      reset(ackNr);
      assert.equal(((await world.complete(b.closed)) as NetError).code, "reset");
    });
  });

  test("data with an acknowledgement of what was never sent, or far ahead, is dropped", async () => {
    await connected(async ({ world, wire, a, b, sent }) => {
      const view = new DataView(sent.at(-1)!.buffer);
      const [connectionId, seqNr, ackNr] = [2, 16, 18].map((at) => view.getUint16(at)) as [
        number,
        number,
        number,
      ];
      const forge = (fields: Partial<UtpHeader>) =>
        wire.inject(datagram({ connectionId, ...fields }, pattern(99, 9)), CLIENT, SERVER);
      forge({ seqNr: (seqNr + 1) & 0xffff, ackNr: (ackNr + 1) & 0xffff });
      forge({ seqNr: (seqNr + 5000) & 0xffff, ackNr });
      await world.run({ untilMs: world.timeMs + 100 });
      a.socket.write(pattern(500, 2));
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.deepEqual(b.received(), Buffer.concat([pattern(1000, 1), pattern(500, 2)]));
    });
  });

  test("random datagrams neither throw nor leave connections", async () => {
    await server(async ({ world, mux, ask }) => {
      const { random } = world.host({ address: "10.7.7.7" });
      for (let index = 0; index < 3000; index++) {
        const bytes = random.bytes(random.integer(60));
        if (bytes.length > 0) bytes[0] = (random.integer(5) << 4) | 1;
        ask(bytes, { address: `10.1.1.${random.integer(4)}`, port: 1 + random.integer(4) });
      }
      assert.ok(mux.connections <= 3);
      assert.equal(mux.receive(Buffer.from("d1:q4:pinge"), CLIENT), false);
    });
  });
});

suite("uTP and the path's MTU", () => {
  for (const [mtuBytes, expected] of [
    [1500, 1472],
    [1420, 1360],
    [1280, 1232],
  ] as const) {
    test(`packets grow to what a path of ${mtuBytes} bytes carries, without losing connections to black holes`, async () => {
      await withWorld({}, async (world) => {
        const host = world.host({ address: "10.9.9.9" });
        let longest = 0;
        const fate = (bytes: Uint8Array) => {
          if (bytes.length + 28 <= mtuBytes) longest = Math.max(longest, bytes.length);
          return {};
        };
        const wire = new Wire(host, { latencyMs: 10, mtuBytes, fate });
        const accepted = Promise.withResolvers<Probe>();
        wire.open(SERVER.address, (socket) => accepted.resolve(probe(socket)));
        const client = wire.open(CLIENT.address);
        const a = probe(await world.complete(client.connect(SERVER)));
        const startMs = world.timeMs;
        a.socket.write(pattern(1_000_000, 4));
        const b = await world.complete(accepted.promise);
        await world.run({ until: () => b.receivedBytes === 1_000_000, limitMs: 60_000 });
        assert.ok(Buffer.compare(b.received(), pattern(1_000_000, 4)) === 0);
        assert.ok(longest >= expected && longest <= mtuBytes - 28, `packets of ${longest} bytes`);
        // A black hole costs a few packets, never a time-out.
        assert.ok(world.timeMs - startMs < 5000, `${world.timeMs - startMs} ms`);
      });
    });
  }
});

suite("large datagrams", () => {
  const sizes = { safeBytes: 1232, highestBytes: 1472, agreedBytes: 16_384 };

  /** The longest datagram of a transfer from an end of ours to one with these sizes. */
  async function longestTo(packetSizes: typeof sizes | Omit<typeof sizes, "agreedBytes">) {
    return await withWorld({}, async (world) => {
      const host = world.host({ address: "10.9.9.9" });
      let longest = 0;
      const fate = (bytes: Uint8Array) => {
        longest = Math.max(longest, bytes.length);
        return {};
      };
      const wire = new Wire(host, { latencyMs: 1, fate });
      const accepted = Promise.withResolvers<Probe>();
      wire.open(SERVER.address, (socket) => accepted.resolve(probe(socket)), {
        packetSizesFor: () => packetSizes,
      });
      const client = wire.open(CLIENT.address, undefined, { packetSizesFor: () => sizes });
      const a = probe(await world.complete(client.connect(SERVER)));
      a.socket.write(pattern(2_000_000, 4));
      const b = await world.complete(accepted.promise);
      await world.run({ until: () => b.receivedBytes === 2_000_000, limitMs: 60_000 });
      assert.ok(Buffer.compare(b.received(), pattern(2_000_000, 4)) === 0);
      return longest;
    });
  }

  test("go only to those who have shown that they take them: others cut them off in silence", async () => {
    assert.ok((await longestTo(sizes)) > 16_000);
    assert.equal(await longestTo({ safeBytes: 1232, highestBytes: 1472 }), 1472);
  });
});
