import type { RemoteCall } from "../remote/remote-control.ts";
import type { Arguments } from "./arguments.ts";
import type { Memories } from "./memories.ts";
import type { Dialect } from "./names.ts";
import type { TorrentIds } from "./torrent-ids.ts";

/** What a method works with. */
export interface MethodContext extends RemoteCall {
  readonly dialect: Dialect;
  readonly ids: TorrentIds;
  readonly memories: Memories;
  /** Against requests that other web pages forge; clients may ask for it. */
  readonly sessionId: string;
}

/** One method. Answers names as the dialect spells them. @throws {RpcError}, or what an operation throws. */
export type Method = (args: Arguments, context: MethodContext) => Promise<Record<string, unknown>>;
