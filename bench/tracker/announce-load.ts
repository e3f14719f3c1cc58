import { once } from "node:events";
import { createSocket, type Socket } from "node:dgram";
import {
  encodeUdpAnnounceRequest,
  encodeUdpConnectRequest,
  decodeUdpResponse,
} from "@shoal/protocol";
import { withDeadline } from "../clients/deadline.ts";

/** What a tracker is asked, and how hard. */
export interface AnnounceLoad {
  readonly host: string;
  readonly port: number;
  readonly infoHashes: readonly Uint8Array[];
  /** Announces in all. */
  readonly count: number;
  /** Peers of each torrent: announces go round among them. */
  readonly peersPerTorrent: number;
  /** Announces without an answer, over all sockets. */
  readonly inFlight: number;
}

/** Source addresses: `reusePort` spreads clients over workers by address and port. */
const SOCKETS = 8;
/** Nothing comes for so long: the rest was lost, and is sent anew. */
const LOST_MS = 200;
const NUM_WANT = 30;

/**
 * Announces over UDP (BEP 15) in a closed loop: an answer makes room for the next announce.
 * @returns seconds from the first announce to the last answer.
 */
export async function runAnnounceLoad(load: AnnounceLoad): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: SOCKETS }, (_, index) => LoadClient.open(load, index)),
  );
  try {
    const startMs = performance.now();
    await withDeadline(Promise.all(clients.map((client) => client.run())), "announces", 120_000);
    return (performance.now() - startMs) / 1000;
  } finally {
    for (const client of clients) client.close();
  }
}

class LoadClient {
  readonly #socket: Socket;
  readonly #load: AnnounceLoad;
  readonly #index: number;
  readonly #packet: Buffer;
  #sent = 0;
  #answered = 0;

  static async open(load: AnnounceLoad, index: number): Promise<LoadClient> {
    const socket = createSocket("udp4");
    socket.bind(0, `127.0.0.${index + 2}`);
    await once(socket, "listening");
    socket.connect(load.port, load.host);
    await once(socket, "connect");
    socket.send(encodeUdpConnectRequest(1));
    const [answer] = (await withDeadline(once(socket, "message"), "connection ID")) as [Buffer];
    const response = decodeUdpResponse(answer, 4);
    if (response.action !== "connect") throw new Error(`no connection ID: ${response.action}`);
    return new LoadClient(socket, load, index, response.connectionId);
  }

  constructor(socket: Socket, load: AnnounceLoad, index: number, connectionId: bigint) {
    this.#socket = socket;
    this.#load = load;
    this.#index = index;
    this.#packet = Buffer.from(
      encodeUdpAnnounceRequest({
        connectionId,
        transactionId: 0,
        infoHash: new Uint8Array(20),
        peerId: new Uint8Array(20).fill(0x2d),
        downloadedBytes: 0,
        leftBytes: 1,
        uploadedBytes: 0,
        numWant: NUM_WANT,
        key: 7,
        port: 1,
      }),
    );
  }

  async run(): Promise<void> {
    const { count, inFlight } = this.#load;
    const wanted = Math.floor(count / SOCKETS);
    const window = Math.max(1, Math.floor(inFlight / SOCKETS));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let heardAt = performance.now();
    const lost = setInterval(() => {
      if (performance.now() - heardAt > LOST_MS)
        this.#sendMore(Math.min(window, wanted - this.#answered));
    }, LOST_MS);
    this.#socket.on("message", (answer: Buffer) => {
      if (answer.readUInt32BE(0) !== 1)
        return reject(new Error(`the tracker says ${answer.subarray(8).toString()}`));
      heardAt = performance.now();
      this.#answered++;
      if (this.#answered >= wanted) resolve();
      else if (this.#sent < wanted) this.#sendMore(1);
    });
    this.#sendMore(window);
    try {
      await promise;
    } finally {
      clearInterval(lost);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #sendMore(count: number): void {
    const { infoHashes, peersPerTorrent } = this.#load;
    for (let i = 0; i < count; i++) {
      const n = this.#sent++;
      const packet = Buffer.from(this.#packet);
      packet.writeUInt32BE(n >>> 0, 12);
      packet.set(infoHashes[n % infoHashes.length]!, 16);
      // The peer goes on once every torrent has had it.
      const peer = Math.floor(n / infoHashes.length) % Math.ceil(peersPerTorrent / SOCKETS);
      packet.writeUInt16BE(1024 + peer * SOCKETS + this.#index, 96);
      this.#socket.send(packet);
    }
  }
}
