import type { Dht } from "@shoal/dht";
import type { Session } from "@shoal/engine";
import { CliError } from "../errors.ts";

/** @throws {CliError} `file-failed` when the session has no DHT, for want of a UDP socket. */
export function requireDht(session: Session): Dht {
  if (session.dht !== null) return session.dht;
  throw new CliError(
    "file-failed",
    "the DHT needs UDP, and there is none: another program has the port, or the proxy passes on no datagrams",
  );
}
