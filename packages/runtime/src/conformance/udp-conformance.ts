import assert from "node:assert/strict";
import type { Endpoint } from "../ports/net.ts";
import { patternBytes, createFacts } from "./fixture.ts";
import type { CreateFixture } from "./fixture.ts";
import type { NetPorts } from "./net-conformance.ts";

/** What every `Net` does with datagrams. The world must lose none between two of its own sockets. */
export function testDatagrams(world: string, create: CreateFixture<NetPorts>): void {
  const fact = createFacts(`${world} udp`, create);

  fact("a datagram arrives whole, with its sender, and can be answered", async ({ net, host }) => {
    const question = patternBytes(1400, 1);
    const asked = Promise.withResolvers<{ bytes: Buffer; from: Endpoint }>();
    const answered = Promise.withResolvers<Buffer>();
    const a = await net.bindUdp({ host, port: 0 }, (bytes) => answered.resolve(Buffer.from(bytes)));
    const b = await net.bindUdp({ host, port: 0 }, (bytes, from) => {
      asked.resolve({ bytes: Buffer.from(bytes), from });
    });
    a.send(question, b.local);
    const { bytes, from } = await asked.promise;
    assert.deepEqual(bytes, Buffer.from(question));
    assert.deepEqual(from, a.local);
    b.send(Uint8Array.of(1, 2, 3), from);
    assert.deepEqual(await answered.promise, Buffer.of(1, 2, 3));
    await Promise.all([a.close(), b.close()]);
  });

  fact("a turn ends once after the datagrams that it brought", async ({ net, host }) => {
    const events: string[] = [];
    const all = Promise.withResolvers<void>();
    const b = await net.bindUdp(
      { host, port: 0 },
      (bytes) => events.push(`datagram ${bytes[0]}`),
      () => {
        events.push("end");
        if (events.includes("datagram 9")) all.resolve();
      },
    );
    const a = await net.bindUdp({ host, port: 0 }, () => {});
    for (let index = 0; index < 10; index++) assert.ok(a.send(Uint8Array.of(index), b.local));
    await all.promise;
    const datagrams = events.filter((event) => event !== "end");
    assert.deepEqual(
      datagrams,
      Array.from({ length: 10 }, (_, index) => `datagram ${index}`),
    );
    assert.equal(events[0], "datagram 0");
    assert.equal(events.at(-1), "end");
    assert.ok(!events.some((event, at) => event === "end" && events[at + 1] === "end"));
    await Promise.all([a.close(), b.close()]);
  });

  fact("what cannot be sent is dropped without an error", async ({ net, host }) => {
    const gone = await net.bindUdp({ host, port: 0 }, () => {});
    const to = gone.local;
    await gone.close();
    const heard = Promise.withResolvers<void>();
    const listening = await net.bindUdp({ host, port: 0 }, () => heard.resolve());
    const socket = await net.bindUdp({ host, port: 0 }, () => {});
    socket.send(Uint8Array.of(1), to);
    socket.send(Uint8Array.of(1), to);
    socket.send(Uint8Array.of(1), { ...to, port: 0 });
    socket.send(new Uint8Array(100_000), listening.local);
    socket.send(Uint8Array.of(1), listening.local);
    await heard.promise;
    await socket.close();
    socket.send(Uint8Array.of(1), listening.local);
    await socket.close();
    await listening.close();
  });

  fact("what is sent to a group comes to its members on this machine", async ({ net, host }) => {
    // Over loopback, IPv6 groups reach nobody.
    if (host === "::1") return;
    const isV6 = host.includes(":");
    const group = isV6 ? "ff15::efc0:988f" : "239.192.152.143";
    const heard = Promise.withResolvers<{ text: string; from: Endpoint }>();
    const options = { host, port: 0, multicast: { group, hops: 1 } };
    const member = await net.bindUdp(options, (bytes, from) => {
      heard.resolve({ text: Buffer.from(bytes).toString(), from });
    });
    const { port } = member.local;
    member.send(Buffer.from("hello"), { address: group, port });
    const { text, from } = await heard.promise;
    assert.deepEqual([text, from], ["hello", { address: host, port }]);
    await member.close();
  });

  fact("a port that is taken cannot be bound again", async ({ net, host }) => {
    const socket = await net.bindUdp({ host, port: 0 }, () => {});
    const { port } = socket.local;
    await assert.rejects(
      net.bindUdp({ host, port }, () => {}),
      { code: "address-in-use" },
    );
    await socket.close();
  });
}
