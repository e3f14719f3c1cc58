import { InvalidArgumentError } from "commander";

/** @throws {InvalidArgumentError} when it is no URL of one of these schemes. */
export function parseUrl(schemes: readonly string[]): (text: string) => string {
  return (text) => {
    const url = URL.parse(text);
    if (url === null || !schemes.includes(url.protocol.slice(0, -1))) {
      throw new InvalidArgumentError(
        `Expected a URL that starts with ${schemes.join(":// or ")}://.`,
      );
    }
    return text;
  };
}

export const parseTrackerUrl = parseUrl(["http", "https", "udp", "ws", "wss"]);
export const parseWebSeedUrl = parseUrl(["http", "https"]);
