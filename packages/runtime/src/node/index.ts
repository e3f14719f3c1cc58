export { createNodeRuntime } from "./create-node-runtime.ts";
export type { NodeRuntimeOptions } from "./create-node-runtime.ts";
export { openPrivateFolder } from "./private-folder.ts";
export { createThreads } from "./threads.ts";
export { createLog, LOG_LEVELS } from "./log.ts";
export type { LogLevel } from "./log.ts";
export { lockFile } from "./file-lock.ts";
