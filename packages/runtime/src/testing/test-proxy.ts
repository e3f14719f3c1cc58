import type { Dns } from "../ports/dns.ts";
import type { Endpoint, Listener, Net, StreamSocket, UdpSocket } from "../ports/net.ts";
import { ProxyStream } from "../proxy/proxy-stream.ts";
import { decodeDatagram, encodeDatagramHeader } from "../proxy/socks5.ts";

export interface TestProxy {
  readonly url: string;
  /** What was asked of it, as `connect web.example 80` or `udp`. */
  readonly asked: readonly string[];
  /** Cuts all connections through it, and listens no longer. */
  close(): Promise<void>;
}

export interface TestProxyOptions {
  readonly net: Net;
  readonly dns: Dns;
  readonly host: string;
  readonly port?: number;
  readonly kind: "socks5" | "http";
  readonly credentials?: string;
  /** Passes on no datagrams. */
  readonly isWithoutUdp?: boolean;
}

/** A proxy on the ports of either world: SOCKS5 with UDP associate, or HTTP CONNECT. */
export async function startTestProxy(options: TestProxyOptions): Promise<TestProxy> {
  const { net, host, port = 0, kind, credentials } = options;
  const asked: string[] = [];
  const open = new Set<{ destroy(): void }>();
  const listener: Listener = await net.listen({ host, port }, (socket) => {
    open.add(socket);
    const stream = new ProxyStream(socket);
    const serving = kind === "http" ? serveHttp(stream) : serveSocks(stream);
    serving.catch(() => socket.destroy());
  });

  async function serveSocks(stream: ProxyStream): Promise<void> {
    const [, count = 0] = await stream.readExactly(2);
    await stream.readExactly(count);
    stream.write(Uint8Array.of(5, credentials === undefined ? 0 : 2));
    if (credentials !== undefined) {
      const [, userBytes = 0] = await stream.readExactly(2);
      const user = await stream.readExactly(userBytes);
      const [passwordBytes = 0] = await stream.readExactly(1);
      const password = await stream.readExactly(passwordBytes);
      const isRight =
        [user, password].map((bytes) => Buffer.from(bytes).toString()).join(":") === credentials;
      stream.write(Uint8Array.of(1, isRight ? 0 : 1));
      if (!isRight) return stream.end();
    }
    const [, command, , type = 0] = await stream.readExactly(4);
    const lengthBytes = type === 1 ? 4 : type === 4 ? 16 : (await stream.readExactly(1))[0]!;
    const address = await stream.readExactly(lengthBytes);
    const bytes = await stream.readExactly(2);
    const port = Buffer.from(bytes).readUInt16BE();
    const name = type === 3 ? Buffer.from(address).toString() : formatIp(address);
    if (command === 3) {
      asked.push("udp");
      if (options.isWithoutUdp === true) stream.write(reply(7, { address: "0.0.0.0", port: 0 }));
      else await relayDatagrams(stream);
      return;
    }
    asked.push(`connect ${name} ${port}`);
    await connectAndJoin(stream, name, port, (code) => reply(code, { address: host, port: 1 }));
  }

  async function serveHttp(stream: ProxyStream): Promise<void> {
    const head = Buffer.from(await stream.readUntil("\r\n\r\n", 4096)).toString();
    const wanted = `Proxy-Authorization: Basic ${Buffer.from(credentials ?? "").toString("base64")}`;
    if (credentials !== undefined && !head.includes(wanted)) {
      return stream.write(Buffer.from("HTTP/1.1 407 Who are you\r\n\r\n"));
    }
    const [, name = "", port = ""] = /^CONNECT \[?([^\]\s]+?)\]?:(\d+) /.exec(head) ?? [];
    asked.push(`connect ${name} ${port}`);
    await connectAndJoin(stream, name, Number(port), (code) =>
      Buffer.from(`HTTP/1.1 ${code === 0 ? "200 Go on" : "502 No way"}\r\nVia: test\r\n\r\n`),
    );
  }

  async function connectAndJoin(
    stream: ProxyStream,
    name: string,
    port: number,
    answer: (code: number) => Uint8Array,
  ): Promise<void> {
    let out: StreamSocket;
    try {
      const [address = ""] = await options.dns.resolve(name);
      out = await net.connect({ host: address, port });
    } catch {
      stream.write(answer(5));
      return stream.end();
    }
    open.add(out);
    stream.write(answer(0));
    stream.open(out.remote);
    join(stream, out);
    join(out, stream);
  }

  async function relayDatagrams(stream: ProxyStream): Promise<void> {
    const outside = await net.bindUdp({ host, port: 0 }, (bytes, from) => {
      if (client !== null) inside.send(Buffer.concat([encodeDatagramHeader(from), bytes]), client);
    });
    let client: Endpoint | null = null;
    const inside: UdpSocket = await net.bindUdp({ host, port: 0 }, (bytes, from) => {
      client = from;
      void passOn(outside, Uint8Array.from(bytes));
    });
    stream.write(reply(0, inside.local));
    const end = (): void => {
      void inside.close();
      void outside.close();
    };
    stream.receive({ buffer: () => new Uint8Array(64), received() {}, ended: end, closed: end });
  }

  async function passOn(outside: UdpSocket, bytes: Uint8Array): Promise<void> {
    // The codec of clients reads no names: they never get any.
    if (bytes[3] === 3) {
      const end = 5 + bytes[4]!;
      const name = Buffer.from(bytes.subarray(5, end)).toString();
      const port = Buffer.from(bytes).readUInt16BE(end);
      asked.push(`datagram ${name} ${port}`);
      const [address = ""] = await options.dns.resolve(name);
      outside.send(bytes.subarray(end + 2), { address, port });
      return;
    }
    const datagram = decodeDatagram(bytes);
    if (datagram !== null) outside.send(bytes.subarray(datagram.payloadAt), datagram.from);
  }

  return {
    url: `${kind}://${host.includes(":") ? `[${host}]` : host}:${listener.local.port}`,
    asked,
    async close() {
      for (const socket of open) socket.destroy();
      await listener.close();
    },
  };
}

function reply(code: number, bound: Endpoint): Uint8Array {
  // The header of a datagram is a reply's but for its first three bytes.
  const bytes = encodeDatagramHeader(bound);
  bytes.set([5, code, 0]);
  return bytes;
}

function formatIp(bytes: Uint8Array): string {
  const datagram = Buffer.concat([
    Uint8Array.of(0, 0, 0, bytes.length === 4 ? 1 : 4),
    bytes,
    Uint8Array.of(0, 1),
  ]);
  return decodeDatagram(datagram)!.from.address;
}

function join(from: StreamSocket, to: StreamSocket): void {
  from.receive({
    buffer: () => new Uint8Array(16 * 1024),
    received: (lengthBytes, buffer) => to.write(buffer.subarray(0, lengthBytes)),
    ended: () => to.end(),
    closed: () => to.destroy(),
  });
}
