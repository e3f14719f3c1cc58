export { createNodeRuntime } from "./create-node-runtime.ts";
export type { NodeRuntimeOptions } from "./create-node-runtime.ts";
export { openPrivateFolder } from "./private-folder.ts";
export { createThreads } from "./threads.ts";
export { LOG_LEVELS } from "./log.ts";
export type { LogLevel } from "./log.ts";
