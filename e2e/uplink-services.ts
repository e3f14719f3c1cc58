import { createSocket } from "node:dgram";
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { SERVER } from "./uplinks.ts";

/** A program of its own: what a machine in `uplinks.ts` looks up and fetches. Its argument is the folder to serve. */

const folder = process.argv[2]!;

// Every name that it is asked for has the server's address, and none of IPv6.
const names = createSocket("udp4");
names.on("message", (question, from) => {
  const end = question.indexOf(0, 12) + 5;
  const isIpv4 = question.readUInt16BE(end - 4) === 1;
  const answer = Buffer.from([
    0xc0,
    12,
    0,
    1,
    0,
    1,
    0,
    0,
    0,
    60,
    0,
    4,
    ...SERVER.split(".").map(Number),
  ]);
  const head = Buffer.from(question.subarray(0, end));
  head.set([0x81, 0x80, 0, 1, 0, isIpv4 ? 1 : 0, 0, 0, 0, 0], 2);
  names.send(isIpv4 ? Buffer.concat([head, answer]) : head, from.port, from.address);
});

const pages = createServer((request, response) => {
  const path = join(folder, decodeURIComponent(request.url ?? "/"));
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  if (match === null) {
    response.writeHead(404).end();
    return;
  }
  const { size } = statSync(path);
  const [start, end] = [Number(match[1]), Math.min(Number(match[2]), size - 1)];
  response.writeHead(206, {
    "content-length": end - start + 1,
    "content-range": `bytes ${start}-${end}/${size}`,
  });
  createReadStream(path, { start, end }).pipe(response);
});

names.bind(53, SERVER, () => pages.listen(80, SERVER, () => process.stdout.write("ready\n")));
