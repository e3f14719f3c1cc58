export type { Clock, Timer } from "./ports/clock.ts";
export type { Random } from "./ports/random.ts";
export type {
  BindUdpOptions,
  ConnectOptions,
  Endpoint,
  Gateway,
  Listener,
  ListenOptions,
  Net,
  ReceiveSink,
  StreamSocket,
  UdpSocket,
} from "./ports/net.ts";
export type { Dns } from "./ports/dns.ts";
export type {
  AcceptWebSocket,
  Http,
  HttpClient,
  HttpRequest,
  HttpRequestHead,
  HttpResponse,
  HttpServerRequest,
  HttpServerResponse,
  ServeBounds,
  ServeOptions,
  UnixListenOptions,
} from "./ports/http.ts";
export type { WebSocketConnection, WebSocketRequest, WebSocketSink } from "./ports/web-socket.ts";
export type {
  Disk,
  FileState,
  FoundFile,
  MoveOptions,
  PartFile,
  Parts,
  PieceCheck,
  PieceVerdict,
  ReadRun,
  Storage,
  StorageFile,
  StorageLayout,
} from "./ports/disk.ts";
export type { Journal } from "./ports/journal.ts";
export { ON_DISK } from "./ports/disk.ts";
export type { SqlRow, SqlStatement, SqlValue, Store, StoreSchema, Tables } from "./ports/store.ts";
export type { Log, LogFields } from "./ports/log.ts";
export type { Slab, SlabPool, SlabSize } from "./ports/slab-pool.ts";
export { SLAB_SIZES } from "./ports/slab-pool.ts";
export type { Thread, ThreadContext, ThreadLine, ThreadMain, Threads } from "./ports/threads.ts";
export type { PrivateFolder } from "./ports/private-folder.ts";
export type { Runtime } from "./ports/runtime.ts";
export { createSlabPool, poolMemoryBytes } from "./slab-pool/slab-pool.ts";
export { createProxiedRuntime, reachProxy } from "./proxy/create-proxied-runtime.ts";
export type { ProxyOptions } from "./proxy/create-proxied-runtime.ts";
export { describeProxy, parseProxyUrl } from "./proxy/proxy-url.ts";
export type { ProxyAddress } from "./proxy/proxy-url.ts";
export { sourceOf } from "./address/source-of.ts";
export { pause } from "./abort/pause.ts";
export { unlessAborted } from "./abort/unless-aborted.ts";
export * from "./errors.ts";
