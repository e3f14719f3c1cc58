import { createSession, type FlowGate, type PeerView, type Torrent } from "@shoal/engine";
import type { Metainfo } from "@shoal/protocol";
import type { Clock, Endpoint, Random } from "@shoal/runtime";
import {
  type AuditFailure,
  type AuditInit,
  type AuditTerms,
  type Challenge,
  DEFAULT_AUDIT_TERMS,
  type SeederAudit,
} from "./audit-terms.ts";
import { OfferWatch } from "./offer-watch.ts";

const TICK_MS = 50;
/** Draws until a piece is found that is not here yet. */
const MOST_DRAWS = 64;

/** A piece that is being asked for. */
interface Draw {
  readonly piece: number;
  readonly file: number;
  /** A byte of the file that lies in the piece. */
  readonly offset: number;
}

/**
 * Finds out whether a seeder has a torrent, as an ordinary peer would: connects to it alone, draws pieces that it cannot
 * foresee, and asks for them, each under a deadline. The engine verifies what comes.
 * @throws {AbortError} the signal's reason. {DiskError} {StoreError}
 */
export async function auditSeeder(init: AuditInit, endpoint: Endpoint): Promise<SeederAudit> {
  const { runtime, checks, signal, terms = DEFAULT_AUDIT_TERMS } = init;
  const watch = new OfferWatch(checks, runtime.random);
  const audit = new Audit(endpoint, runtime.clock, terms, init.metainfo.pieceLengthBytes);
  const session = await createSession({
    ...init.sessionOptions,
    runtime,
    ...{ port: 0, dht: false, lsd: false, portMapping: false, peerExchange: false, resume: false },
    extensions: [watch.extension],
    flowGate: audit.gate,
  });
  try {
    const torrent = await session.add(alone(init.metainfo), {
      dir: init.dir,
      peers: [endpoint],
      reuse: false,
    });
    await torrent.whenReady(signal);
    return await audit.run({ torrent, watch, random: runtime.random, signal });
  } finally {
    await session.close();
  }
}

/** The torrent without anybody else to ask. */
function alone(metainfo: Metainfo): Metainfo {
  return { ...metainfo, trackers: [], webSeeds: [], nodes: [] };
}

class Audit {
  readonly gate: FlowGate;
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  readonly #terms: AuditTerms;
  /** What a piece may take. */
  readonly #pieceMs: number;
  /** Null between challenges: nothing is asked for then. */
  #draw: Draw | null = null;
  #drawnAtMs = 0;
  #firstBlockMs: number | null = null;
  #isBad = false;
  readonly #here = new Set<number>();

  constructor(endpoint: Endpoint, clock: Clock, terms: AuditTerms, pieceLengthBytes: number) {
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#terms = terms;
    this.#pieceMs = (pieceLengthBytes * 1000) / terms.leastBytesPerSecond;
    this.gate = {
      uploadCredit: () => 0,
      // No more than the piece, or little more: it is not the audit's business to fetch all of it.
      downloadCredit: (peer) =>
        this.#draw !== null && this.#isSeeder(peer) ? pieceLengthBytes : 0,
      blockReceived: (peer, piece) => {
        if (piece !== this.#draw?.piece || !this.#isSeeder(peer)) return;
        this.#firstBlockMs ??= this.#clock.monotonicMs() - this.#drawnAtMs;
      },
      blockVerified: (_peer, piece, _begin, _lengthBytes, ok) => {
        if (ok) this.#here.add(piece);
        else this.#isBad = true;
      },
    };
  }

  async run(init: {
    readonly torrent: Torrent;
    readonly watch: OfferWatch;
    readonly random: Random;
    readonly signal: AbortSignal | undefined;
  }): Promise<SeederAudit> {
    const { torrent, watch, random, signal } = init;
    const challenges: Challenge[] = [];
    const endpoint = this.#endpoint;
    const peerOf = (): PeerView | undefined => torrent.peers.find((peer) => this.#isSeeder(peer));
    const payeeOf = () => {
      const peer = peerOf();
      return peer === undefined ? null : watch.payeeOf(peer.id);
    };
    const isReady = (): boolean => {
      const peer = peerOf();
      return peer !== undefined && !peer.peerChoking && peer.isSeed && payeeOf() !== null;
    };
    const ends = (failure: AuditFailure | null, payee = payeeOf()): SeederAudit => {
      return { endpoint, payee, failure, challenges };
    };
    if (!(await this.#until(isReady, this.#terms.readyMs, signal))) {
      return ends(whyNotReady(peerOf(), payeeOf() !== null));
    }
    const payee = payeeOf();
    for (let number = 0; number < this.#terms.challenges; number++) {
      // What was asked for beside the last draw is on its way: it is not to be counted against this one.
      const isIdle = (): boolean => (peerOf()?.requestsSent ?? 0) === 0;
      await this.#until(isIdle, this.#pieceMs, signal);
      const draw = drawPiece(torrent.metainfo!, this.#here, random);
      if (draw === null) break;
      const challenge = await this.#challenge(torrent, draw, signal);
      challenges.push(challenge);
      if (this.#isBad) return ends("bad", payee);
      if (challenge.doneMs === null) return ends("late", payee);
    }
    return ends(challenges.length === 0 ? "late" : null, payee);
  }

  async #challenge(
    torrent: Torrent,
    draw: Draw,
    signal: AbortSignal | undefined,
  ): Promise<Challenge> {
    const leaving = new AbortController();
    this.#draw = draw;
    this.#firstBlockMs = null;
    this.#drawnAtMs = this.#clock.monotonicMs();
    let isDone = false;
    const reading = readByte(torrent, draw, leaving.signal).then(
      () => (isDone = true),
      () => undefined,
    );
    const { firstBlockMs } = this.#terms;
    const came = (): boolean => isDone || this.#isBad || this.#firstBlockMs !== null;
    if (await this.#until(came, firstBlockMs, signal)) {
      await this.#until(() => isDone || this.#isBad, this.#pieceMs, signal);
    }
    const tookMs = this.#clock.monotonicMs() - this.#drawnAtMs;
    this.#draw = null;
    leaving.abort();
    await reading;
    const doneMs = isDone && this.#firstBlockMs !== null ? tookMs : null;
    return { piece: draw.piece, firstBlockMs: this.#firstBlockMs, doneMs };
  }

  #isSeeder({ remote }: PeerView): boolean {
    return remote.address === this.#endpoint.address && remote.port === this.#endpoint.port;
  }

  /** @returns Whether it held within the time. */
  async #until(
    holds: () => boolean,
    mostMs: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const endMs = this.#clock.monotonicMs() + mostMs;
    while (!holds()) {
      signal?.throwIfAborted();
      if (this.#clock.monotonicMs() >= endMs) return false;
      await new Promise<void>((resolve) => void this.#clock.setTimer(TICK_MS, resolve));
    }
    return true;
  }
}

function whyNotReady(peer: PeerView | undefined, hasAccount: boolean): AuditFailure {
  if (peer === undefined) return "unreachable";
  if (!hasAccount) return "no-account";
  return peer.isSeed ? "no-slot" : "incomplete";
}

async function readByte(torrent: Torrent, { file, offset }: Draw, signal: AbortSignal) {
  for await (const chunk of torrent.stream(file, { start: offset, end: offset + 1, signal })) {
    if (chunk.length > 0) return;
  }
}

/** @param isHere Pieces that can prove nothing more. @returns null when all are. */
function drawPiece(
  { files, pieceCount, pieceLengthBytes }: Metainfo,
  isHere: ReadonlySet<number>,
  random: Random,
): Draw | null {
  for (let draws = 0; draws < MOST_DRAWS; draws++) {
    const piece = random.integer(pieceCount);
    if (isHere.has(piece)) continue;
    const [start, end] = [piece * pieceLengthBytes, (piece + 1) * pieceLengthBytes];
    const file = files.findIndex(({ offsetBytes, lengthBytes }) => {
      return lengthBytes > 0 && offsetBytes < end && offsetBytes + lengthBytes > start;
    });
    if (file >= 0) return { piece, file, offset: Math.max(0, start - files[file]!.offsetBytes) };
  }
  return null;
}
