import type { EventName, Scope } from "@shoal/api";
import type { Caller } from "../access/caller.ts";
import type { DaemonCore } from "../daemon/daemon-core.ts";
import type { Handlers } from "./handlers.ts";
import { showSettings } from "./show-settings.ts";

type NodeHandlers = Pick<
  Handlers,
  | "getNode"
  | "getSettings"
  | "changeSettings"
  | "getLog"
  | "streamEvents"
  | "getTransfer"
  | "getSpeedHistory"
>;

/** What a caller must be allowed to do to hear of a topic; `read` for the others. */
const SCOPE_OF_TOPIC: Partial<Record<EventName, Scope>> = {
  wallet: "wallet",
  trading: "wallet",
  sites: "wallet",
};

/** The operations on the node itself. */
export function createNodeHandlers(core: DaemonCore): NodeHandlers {
  const { settings, log, events, transfer, torrents, chain } = core;
  const limits = () => {
    const { downloadLimit, uploadLimit } = settings.current.speed;
    return { download: downloadLimit, upload: uploadLimit };
  };
  const describeSettings = (caller: Caller) => ({
    settings: showSettings(settings.current, caller),
    waitingForRestart: [...settings.waitingForRestart],
  });
  events.everySecond("transfer", () => transfer.describe(limits()));
  events.everySecond("torrents", () => torrents.board.takeChanges());
  log.on((entry) => events.publish("log", entry));
  return {
    getNode: () => ({
      version: core.version,
      startedAtMs: core.startedAtMs,
      dataFolder: core.folders.data,
      downloadFolder: torrents.downloadFolder,
      memoryBytes: core.memoryBytes(),
      isFirstRun: settings.current.web.guide,
      chain:
        chain === null ? null : { network: "embedded", isPlayMoney: true, rpcUrl: chain.rpcUrl },
    }),
    getSettings: (_, { caller }) => describeSettings(caller),
    async changeSettings(change, { caller }) {
      await settings.change(change);
      return describeSettings(caller);
    },
    getLog: (query) => ({ entries: log.list(query) }),
    streamEvents: ({ topics }, { caller }) =>
      events.open(topics, (topic) => caller.scopes.has(SCOPE_OF_TOPIC[topic] ?? "read")),
    getTransfer: () => transfer.describe(limits()),
    getSpeedHistory: (query) => core.speeds.query(query),
  };
}
