import { createSession, type Encryption, type Session, type UtpMode } from "@shoal/engine";
import type { Runtime } from "@shoal/runtime";

/** Options that `get` and `seed` share. */
export interface SessionFlags {
  readonly host?: string;
  readonly port?: number;
  readonly maxDown?: number;
  readonly maxUp?: number;
  readonly encryption?: Encryption;
  readonly utp?: UtpMode;
}

export const ENCRYPTION_CHOICES = [
  "off",
  "allow",
  "prefer",
  "require",
] as const satisfies readonly Encryption[];

/** Opens a session as the command line asks for it. */
export async function openSession(runtime: Runtime, flags: SessionFlags): Promise<Session> {
  const { host, port, maxDown, maxUp, encryption, utp } = flags;
  return await createSession({
    runtime,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(encryption === undefined ? {} : { encryption }),
    ...(utp === undefined ? {} : { utp }),
    downloadLimit: maxDown ?? null,
    uploadLimit: maxUp ?? null,
  });
}
