export { createContent } from "./content.ts";
export type { DiskFault, HostFiles } from "./file-system.ts";
export type { HostOptions } from "./machine.ts";
export type { SimHost } from "./sim-host.ts";
export type { Counters, Trace, TraceKind } from "./trace.ts";
export { withWorld } from "./with-world.ts";
export { createWorld } from "./world.ts";
export type { RunUntil, SimWorld, WorldOptions } from "./world.ts";
export type { LogRecord } from "./world-state.ts";
