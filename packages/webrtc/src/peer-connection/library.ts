import type { DataChannel } from "../channel/data-channel.ts";
import { WebRtcError } from "../errors.ts";

/** What is used of an `RTCPeerConnection`. */
export interface PeerConnection {
  readonly iceGatheringState: string;
  readonly connectionState: string;
  readonly localDescription: { readonly sdp: string } | null;
  onicegatheringstatechange: (() => void) | null;
  onconnectionstatechange: (() => void) | null;
  ondatachannel: ((event: { channel: DataChannel }) => void) | null;
  createDataChannel(label: string): DataChannel;
  createOffer(): Promise<unknown>;
  createAnswer(): Promise<unknown>;
  setLocalDescription(description: unknown): Promise<void>;
  setRemoteDescription(description: { type: string; sdp: string }): Promise<void>;
  getStats(): Promise<Iterable<readonly [string, Statistic]>>;
  close(): void;
}

/** A row of WebRTC's statistics: a pair of candidates, or one of them. */
export interface Statistic {
  readonly type: string;
  readonly nominated?: boolean;
  readonly localCandidateId?: string;
  readonly remoteCandidateId?: string;
  readonly address?: string;
  readonly port?: number;
}

/** Its types are the browser's, which this program has not. */
interface Library {
  readonly RTCPeerConnection: new (options: {
    iceServers: readonly { urls: string }[];
  }) => PeerConnection;
}

export type CreatePeerConnection = (iceServers: readonly { urls: string }[]) => PeerConnection;

let loading: Promise<CreatePeerConnection> | null = null;

/**
 * Loads npm's `@roamhq/wrtc`, which owns its sockets and threads and is there only where it was installed.
 * @throws {WebRtcError} `library-missing`.
 */
export function loadLibrary(): Promise<CreatePeerConnection> {
  loading ??= load();
  return loading;
}

async function load(): Promise<CreatePeerConnection> {
  const library = await import("@roamhq/wrtc").catch((cause: unknown) => {
    const text = "WebRTC needs a library that is not installed here: npm install @roamhq/wrtc";
    throw new WebRtcError("library-missing", text, { cause });
  });
  // Its threads outlive the run of Node's own clean-up, which crashes then; an exit on purpose does not.
  process.once("beforeExit", () => process.exit());
  const { RTCPeerConnection } = library.default as unknown as Library;
  return (iceServers) => new RTCPeerConnection({ iceServers });
}
