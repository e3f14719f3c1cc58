import { randomBytes, randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers of HTTP trackers that are of no use. */
const ANSWERS: readonly (() => Buffer)[] = [
  () => randomBytes(500),
  () => Buffer.alloc(0),
  () => Buffer.from("d5:peers"),
  () => Buffer.from("d8:intervali-5e5:peers5:abcdee"),
  () => Buffer.from(`d8:intervali1e5:peersl${"d2:ip3:abc4:porti70000ee".repeat(50)}ee`),
];

/** An HTTP and a UDP tracker, neither of which ever answers well. */
export async function startBadTrackers(): Promise<{
  readonly urls: readonly string[];
  readonly asked: number;
  stop(): void;
}> {
  let asked = 0;
  const http = createServer((_request, response) => {
    response.writeHead(200).end(ANSWERS[asked++ % ANSWERS.length]!());
  });
  http.listen(0, "127.0.0.1");
  const udp = createSocket("udp4");
  udp.on("message", (request, { address, port }) => {
    asked++;
    const transaction = request.subarray(12, 16);
    const kinds = [
      randomBytes(7),
      Buffer.concat([Buffer.alloc(4), transaction, randomBytes(randomInt(20))]),
      Buffer.concat([Buffer.from([0, 0, 0, 9]), transaction, randomBytes(30)]),
      Buffer.concat([Buffer.from([0, 0, 0, 3]), transaction, Buffer.from("no\n\u001b[2J")]),
    ];
    udp.send(kinds[asked % kinds.length]!, port, address);
  });
  udp.bind(0, "127.0.0.1");
  await Promise.all([once(http, "listening"), once(udp, "listening")]);
  return {
    urls: [
      `http://127.0.0.1:${(http.address() as AddressInfo).port}/announce`,
      `udp://127.0.0.1:${udp.address().port}/announce`,
    ],
    get asked() {
      return asked;
    },
    stop() {
      http.close();
      http.closeAllConnections();
      udp.close();
    },
  };
}
