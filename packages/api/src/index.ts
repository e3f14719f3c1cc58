export { API_PREFIX, OPERATIONS, SCOPES } from "./operations.ts";
export type { Operation, OperationId, Scope } from "./operations.ts";
export { OPERATION_IDS, routeOf, ROUTES } from "./routes/routes.ts";
export type { Answer, Input, JsonOperationId, Routes, Sent } from "./routes/routes.ts";
export type { RouteShape } from "./routes/route.ts";
export type {
  Category,
  TorrentAction,
  TorrentChange,
  TorrentDetail,
  TorrentDelta,
  TorrentFile,
  TorrentPeer,
  TorrentSummary,
  TorrentTracker,
  TorrentWebSeed,
} from "./schemas/torrent-types.ts";
export { EVENTS } from "./schemas/events.ts";
export type { EventData, EventName } from "./schemas/events.ts";
export { problem } from "./schemas/problem.ts";
export type { Problem } from "./schemas/problem.ts";
export { PROBLEM_REASONS } from "./problem-reasons.ts";
export type { ProblemReason } from "./problem-reasons.ts";
export { settings, settingsChange } from "./settings/settings.ts";
export type { SettingMeta, Settings, SettingsChange } from "./settings/settings.ts";
export { listSettings } from "./settings/list-settings.ts";
export type { SettingDescription } from "./settings/list-settings.ts";
export { toOpenApi } from "./openapi/to-openapi.ts";
