import type { SessionDescription } from "@shoal/protocol";
import type { Listener, Net, StreamSocket } from "@shoal/runtime";
import { WebRtcError } from "../errors.ts";
import type { WebRtc } from "../web-rtc.ts";

/**
 * An emulation of WebRTC over the streams of a `Net`, for worlds without it: an offer listens at a port,
 * whose address stands in the description; the answer's side connects to it. There is neither ICE nor DTLS
 * nor a data channel in it, and nothing but what looks like one from above.
 * @param init.host This host's address, at which others reach it.
 */
export function emulateWebRtc({ net, host }: { net: Net; host: string }): WebRtc {
  const cancels = new Set<() => void>();
  const pending = () => {
    const { promise, resolve, reject } = Promise.withResolvers<StreamSocket>();
    const socket = promise.then(hidePorts);
    socket.catch(() => {});
    const cancel = (): void => reject(new WebRtcError("closed", "the attempt was given up"));
    cancels.add(cancel);
    void socket.then(
      () => cancels.delete(cancel),
      () => cancels.delete(cancel),
    );
    return { socket, resolve, reject, cancel };
  };
  return {
    isAvailable: () => Promise.resolve(true),
    async offer() {
      const { socket, resolve, cancel } = pending();
      const listener: Listener = await net.listen({ host, port: 0 }, resolve);
      const close = (): void => void listener.close();
      socket.then(close, close);
      const sdp = `v=0 ${host} ${listener.local.port}`;
      return { description: { type: "offer", sdp }, socket, cancel, accept: async () => {} };
    },
    async answer({ sdp }: SessionDescription) {
      const [version, address, port] = sdp.split(" ");
      if (version !== "v=0" || address === undefined || !(Number(port) > 0)) {
        throw new WebRtcError("bad-description", "the other side's description is broken");
      }
      const { socket, resolve, reject, cancel } = pending();
      net.connect({ host: address, port: Number(port) }).then(resolve, (cause: unknown) => {
        reject(new WebRtcError("timeout", "the other side was not reached", { cause }));
      });
      return { description: { type: "answer", sdp: "v=0" }, socket, cancel };
    },
    close() {
      for (const cancel of [...cancels]) cancel();
    },
  };
}

/** As of real ones, nobody can connect to its ends again. */
function hidePorts(socket: StreamSocket): StreamSocket {
  return {
    remote: { address: socket.remote.address, port: 0 },
    local: { address: socket.local.address, port: 0 },
    get queuedBytes() {
      return socket.queuedBytes;
    },
    receive: (sink) => socket.receive(sink),
    write: (bytes, sent) => socket.write(bytes, sent),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.end(),
    destroy: () => socket.destroy(),
  };
}
