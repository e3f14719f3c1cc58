import type { Log, LogFields } from "../ports/log.ts";
import type { SimProcess } from "./sim-process.ts";
import type { LogRecord } from "./world-state.ts";

/** A log that goes to the world's `log`; nowhere without one. */
export function createSimLog(process: SimProcess, fields: LogFields): Log {
  const { world, machine } = process;
  const writer = (level: LogRecord["level"]) => (event: string, more?: LogFields) => {
    if (world.log === null) return;
    const timeMs = world.loop.nowMs;
    world.log({ timeMs, host: machine.address, level, event, fields: { ...fields, ...more } });
  };
  return {
    debug: writer("debug"),
    info: writer("info"),
    warn: writer("warn"),
    error: writer("error"),
    child: (more) => createSimLog(process, { ...fields, ...more }),
  };
}
