import type { StreamSocket } from "@shoal/runtime";
import { createTrackerClient, type TrackerClient } from "@shoal/tracker";
import type { WebRtc } from "@shoal/webrtc";
import { dialPeer } from "../peer/dial.ts";
import { createSessionWebPeers } from "../transport/session-web-peers.ts";
import type { UdpHub } from "../transport/udp-hub.ts";
import { createDoor, type DoorParts, handshakeFlags } from "./accept-incoming.ts";

/** Makes what speaks to a session's trackers, and takes in the peers that WebSocket trackers bring. */
export function openTrackers(
  parts: Omit<DoorParts, "encryption">,
  hub: UdpHub | null,
  webRtc: WebRtc | null,
): TrackerClient {
  const { net, http, dns, clock, random, log } = parts.runtime;
  const options = { net, http, dns, clock, random, log, ...(hub !== null && { udp: hub }) };
  if (webRtc === null) return createTrackerClient(options);
  const { index, signal } = parts;
  // DTLS encrypts already.
  const door = createDoor({ ...parts, encryption: "off" });
  const webPeers = createSessionWebPeers({
    webRtc,
    clock,
    random,
    hasTorrent: (infoHash) => index.find(infoHash)?.isWanted === true,
    onDialed: (socket, infoHash) => void greet(parts, socket, infoHash),
    onAccepted: (socket) => void door(socket),
    signal,
  });
  return createTrackerClient({ ...options, webPeers });
}

/** Speaks first over a stream to a peer of this torrent. */
async function greet(
  { runtime, peerId, index, hasDht, signal }: Omit<DoorParts, "encryption">,
  socket: StreamSocket,
  infoHash: Uint8Array,
): Promise<void> {
  const torrent = index.find(infoHash);
  if (torrent === undefined || signal.aborted) return socket.destroy();
  const { clock, random, disk, log } = runtime;
  try {
    const opened = await dialPeer({
      net: { connect: () => Promise.resolve(socket) },
      clock,
      random,
      pool: disk.pool,
      endpoint: socket.remote,
      localAddress: undefined,
      infoHash,
      infoHashes: torrent.swarmHashes,
      peerId,
      flags: handshakeFlags(torrent, hasDht()),
      encryption: "off",
      utp: "unknown",
      tryOther: false,
      signal,
    });
    torrent.accept(opened, "tracker");
  } catch (error) {
    log.debug("a browser's peer failed its handshake", { remote: socket.remote, error });
  }
}
