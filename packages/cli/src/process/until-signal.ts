import { EXIT, type ExitCode } from "../exit-codes.ts";
import { Interruption } from "./watch-signals.ts";

/**
 * Waits for a signal that asks for the end.
 * @returns 130 after Ctrl-C; 0 after SIGTERM, with which service managers end what has done its work.
 */
export async function untilSignal(signal: AbortSignal): Promise<ExitCode> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
  const reason: unknown = signal.reason;
  return reason instanceof Interruption && reason.signal === "SIGINT" ? EXIT.interrupted : EXIT.ok;
}
