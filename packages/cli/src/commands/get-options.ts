import type { BuyFlags } from "../speed/trade-options.ts";
import type { NetworkFlags } from "../process/network-flags.ts";
import type { SessionFlags } from "../torrent/open-session.ts";
import type { HostPort } from "../arguments/parse-endpoint.ts";
import type { PriorityRule } from "../arguments/parse-priority.ts";
import type { CommonOptions } from "./context.ts";

export interface GetOptions extends CommonOptions, NetworkFlags, SessionFlags, BuyFlags {
  readonly dir: string;
  readonly peer?: readonly HostPort[];
  readonly webSeed?: readonly string[];
  readonly select?: readonly string[];
  readonly priority?: readonly PriorityRule[];
  readonly preallocate?: boolean;
  readonly stdout?: string;
  readonly sequential?: boolean;
  readonly seed?: boolean;
  readonly reuse?: readonly string[];
  readonly recheck?: boolean;
}
