export { API_PREFIX, OPERATIONS, SCOPES } from "../operations.ts";
export type { Operation, OperationId, Scope } from "../operations.ts";
export { ApiError, createClient, describeRequest } from "./client.ts";
export type { ApiClient, Carry } from "./client.ts";
export type { Answer, Input, JsonOperationId, Sent } from "../routes/routes.ts";
export type { EventData, EventName } from "../schemas/events.ts";
export type { Settings, SettingsChange } from "../settings/settings.ts";
export type { Problem } from "../schemas/problem.ts";
export type { ProblemReason } from "../problem-reasons.ts";
