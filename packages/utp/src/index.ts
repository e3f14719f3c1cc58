export { createUtpMultiplexer } from "./multiplexer/multiplexer.ts";
export type {
  UtpConnectOptions,
  UtpCounters,
  UtpMultiplexer,
  UtpOptions,
} from "./multiplexer/multiplexer.ts";
export { isUtpSocket } from "./multiplexer/utp-stream.ts";
export type { PacketSizes } from "./multiplexer/packet-sizes.ts";
