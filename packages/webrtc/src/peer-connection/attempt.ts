import type { SessionDescription } from "@shoal/protocol";
import type { Clock, Endpoint, StreamSocket } from "@shoal/runtime";
import { ChannelSocket } from "../channel/channel-socket.ts";
import type { DataChannel } from "../channel/data-channel.ts";
import { WebRtcError } from "../errors.ts";
import type { WebRtcAttempt, WebRtcOffer } from "../web-rtc.ts";
import type { PeerConnection, Statistic } from "./library.ts";

/** An offer waits so long for its answer, and then again so long for the connection. */
const ATTEMPT_TIMEOUT_MS = 50_000;
/** Candidates that are not known by then are left out: a STUN server may be silent. */
const GATHERING_TIMEOUT_MS = 5_000;
const MAX_DESCRIPTION_LENGTH = 16 * 1024;
/** Stands for addresses that the library keeps to itself: behind mDNS names and NATs. Discarded (RFC 6666). */
const DISCARD_PREFIX = "100::";

/** One peer connection, from its first description to its stream. */
export function beginAttempt(init: {
  connection: PeerConnection;
  clock: Clock;
  signal: AbortSignal;
}): {
  offer(): Promise<WebRtcOffer>;
  answer(offer: SessionDescription): Promise<WebRtcAttempt>;
} {
  const { connection, clock, signal } = init;
  const { promise: whenOpen, resolve: opened, reject } = Promise.withResolvers<StreamSocket>();
  whenOpen.catch(() => {});
  let socket: ChannelSocket | null = null;
  let isOver = false;

  function close(): void {
    isOver = true;
    timer.cancel();
    signal.removeEventListener("abort", onAbort);
    connection.onconnectionstatechange = null;
    connection.ondatachannel = null;
    // The library must not lose a connection within one of its own calls.
    queueMicrotask(() => connection.close());
  }
  function giveUp(error: WebRtcError): void {
    if (isOver) return;
    reject(error);
    if (socket === null) close();
    else socket.fail(error);
  }
  const onAbort = (): void => giveUp(new WebRtcError("closed", "WebRTC was closed"));
  const onTimeout = (): void => {
    giveUp(new WebRtcError("timeout", "the other side was not reached in time"));
  };
  let timer = clock.setTimer(ATTEMPT_TIMEOUT_MS, onTimeout);
  signal.addEventListener("abort", onAbort, { once: true });
  connection.onconnectionstatechange = () => {
    if (connection.connectionState === "failed" || connection.connectionState === "closed") {
      giveUp(new WebRtcError("timeout", "the connection to the other side is lost"));
    }
  };
  if (signal.aborted) onAbort();

  function follow(channel: DataChannel): void {
    channel.binaryType = "arraybuffer";
    const early: (ArrayBuffer | string)[] = [];
    channel.addEventListener("message", ({ data }) => {
      if (socket === null) early.push(data);
      else socket.take(data);
    });
    const onOpen = async (): Promise<void> => {
      const { remote, local } = await readEndpoints(connection);
      if (isOver) return;
      timer.cancel();
      socket = new ChannelSocket({ channel, clock, remote, local, onClosed: close });
      for (const data of early.splice(0)) socket.take(data);
      opened(socket);
    };
    if (channel.readyState === "open") void onOpen();
    else channel.addEventListener("open", () => void onOpen());
  }

  async function describe(type: "offer" | "answer"): Promise<SessionDescription> {
    const description =
      type === "offer" ? await connection.createOffer() : await connection.createAnswer();
    const { promise: gathered, resolve } = Promise.withResolvers<void>();
    connection.onicegatheringstatechange = () => {
      if (connection.iceGatheringState === "complete") resolve();
    };
    const late = clock.setTimer(GATHERING_TIMEOUT_MS, resolve);
    await connection.setLocalDescription(description);
    if (connection.iceGatheringState !== "complete") await gathered;
    late.cancel();
    connection.onicegatheringstatechange = null;
    const { sdp } = connection.localDescription ?? {};
    if (isOver || sdp === undefined) throw new WebRtcError("closed", "the attempt was given up");
    return { type, sdp };
  }

  async function takeRemote({ type, sdp }: SessionDescription): Promise<void> {
    try {
      if (sdp.length > MAX_DESCRIPTION_LENGTH) throw new RangeError("the description is too long");
      await connection.setRemoteDescription({ type, sdp });
    } catch (cause) {
      const error = new WebRtcError("bad-description", "the other side's description is broken", {
        cause,
      });
      giveUp(error);
      throw error;
    }
  }

  const cancel = (): void => {
    if (socket === null) giveUp(new WebRtcError("closed", "the attempt was given up"));
  };

  async function orGiveUp<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      const error =
        cause instanceof WebRtcError
          ? cause
          : new WebRtcError("closed", "no connection could be described", { cause });
      giveUp(error);
      throw error;
    }
  }

  return {
    offer: () =>
      orGiveUp(async () => {
        follow(connection.createDataChannel("shoal"));
        const description = await describe("offer");
        let isAnswered = false;
        return {
          description,
          socket: whenOpen,
          cancel,
          async accept(answer) {
            if (isAnswered || isOver) return;
            isAnswered = true;
            timer.cancel();
            timer = clock.setTimer(ATTEMPT_TIMEOUT_MS, onTimeout);
            await takeRemote(answer);
          },
        };
      }),
    answer: (offer) =>
      orGiveUp(async () => {
        connection.ondatachannel = ({ channel }) => {
          connection.ondatachannel = null;
          follow(channel);
        };
        await takeRemote(offer);
        return { description: await describe("answer"), socket: whenOpen, cancel };
      }),
  };
}

let unknowns = 0;

/** The addresses that ICE has settled on. The ports are 0: nobody else can connect there. */
async function readEndpoints(
  connection: PeerConnection,
): Promise<{ remote: Endpoint; local: Endpoint }> {
  const statistics = new Map(await connection.getStats().catch(() => []));
  const pairs = [...statistics.values()].filter(({ type }) => type === "candidate-pair");
  const pair = pairs.find(({ nominated }) => nominated === true);
  return {
    remote: toEndpoint(statistics.get(pair?.remoteCandidateId ?? "")),
    local: toEndpoint(statistics.get(pair?.localCandidateId ?? "")),
  };
}

/** Each unknown address is another one, so that nobody is judged by what another did. */
function toEndpoint(candidate: Statistic | undefined): Endpoint {
  const { address = "" } = candidate ?? {};
  if (address !== "") return { address, port: 0 };
  unknowns = (unknowns + 1) % 2 ** 32;
  const [high, low] = [unknowns >>> 16, unknowns & 0xffff];
  return { address: `${DISCARD_PREFIX}${high.toString(16)}:${low.toString(16)}`, port: 0 };
}
