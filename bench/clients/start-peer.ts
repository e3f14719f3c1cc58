import { Aria2 } from "./aria2.ts";
import type { ChildOptions } from "./child.ts";
import { startLibtorrent } from "./libtorrent.ts";
import type { Namespace } from "./namespace.ts";
import type { Peer, PeerJob } from "./peer-job.ts";
import { startShoal } from "./shoal.ts";
import { Transmission } from "./transmission.ts";
import { startWebtorrent } from "./webtorrent.ts";

/** A client that a peer can be made of. */
export type ClientName = "shoal" | "libtorrent" | "aria2" | "transmission" | "webtorrent";

export interface PeerOptions extends ChildOptions {
  /** The data is there: the peer is ready once it seeds. */
  readonly seed: boolean;
  /** For transmission, which needs one. */
  readonly inNamespace?: Namespace;
}

/** Starts a peer, with the settings that make it fastest on one machine. */
export async function startPeer(
  client: ClientName,
  job: PeerJob,
  options: PeerOptions,
): Promise<Peer> {
  return await STARTERS[client](job, options);
}

const STARTERS: Readonly<
  Record<ClientName, (job: PeerJob, options: PeerOptions) => Promise<Peer>>
> = {
  shoal: (job, { scope }) => startShoal(job, { scope }),
  libtorrent: (job, { scope }) => startLibtorrent({ ...job, profile: "tuned" }, { scope }),
  webtorrent: (job, { scope }) => startWebtorrent(job, { scope }),
  aria2: (job, { scope, seed }) => Aria2.start({ ...job, seed }, { scope }),
  transmission: (job, { seed, ...options }) => Transmission.start({ ...job, seed }, options),
};

/** Whether a client can be told of peers; the others have to be connected to. */
export function canConnect(client: ClientName): boolean {
  return client !== "aria2" && client !== "transmission";
}
