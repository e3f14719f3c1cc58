import type { Command } from "commander";
import { collect } from "../arguments/collect.ts";
import { parseAddress } from "../arguments/parse-endpoint.ts";

/** The options behind `NetworkFlags`: by which way everything leaves. */
export function addNetworkOptions(command: Command): Command {
  return command
    .option(
      "--proxy <url>",
      "send everything through socks5://HOST:PORT or http://HOST:PORT, or nothing (also SHOAL_PROXY)",
    )
    .option("--proxy-file <file>", "its first line is the proxy's URL, with USER:PASSWORD@ perhaps")
    .option(
      "--interface <name>",
      "send everything by this network interface, such as tun0, or nothing",
    )
    .option(
      "--name-server <address>",
      "whom --interface asks for names (default: the system's); may be repeated",
      collect(parseAddress),
    );
}
