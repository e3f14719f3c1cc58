import { type Command, Option } from "commander";
import { parseBytes } from "../arguments/parse-bytes.ts";
import { parsePort } from "../arguments/parse-endpoint.ts";
import { createBootstrapOption } from "../dht/bootstrap.ts";
import { addNetworkOptions } from "../process/network-options.ts";

const ENCRYPTION_CHOICES = ["off", "allow", "prefer", "require"];
const UTP_CHOICES = ["only", "prefer", "off"];

/** The options of every command that opens a session: how it meets peers, and by which way everything leaves. */
export function addSessionOptions(command: Command): Command {
  command
    .option(
      "--host <address>",
      "the address to listen at and connect from (default: every address)",
    )
    .option("--port <n>", "the port to listen at (default: a free one)", parsePort)
    .option("--max-down <rate>", "bytes per second, such as 500K or 2M", parseBytes)
    .option("--max-up <rate>", "bytes per second, such as 500K or 2M", parseBytes)
    .addOption(
      new Option("--encryption <when>", "of connections to peers")
        .choices(ENCRYPTION_CHOICES)
        .default("allow"),
    )
    .addOption(
      new Option("--utp <when>", "speak to peers over uTP, which gives way to other traffic")
        .choices(UTP_CHOICES)
        .default("prefer"),
    )
    .addOption(createBootstrapOption())
    .option(
      "--webrtc",
      "speak to browsers' peers beside --host too, over every address (never with --proxy or --interface)",
    )
    .option("--no-webrtc", "neither ask WebSocket trackers nor speak to browsers' peers")
    .option("--no-pex", "do not exchange peers with peers")
    .option("--no-lsd", "do not look for peers in the local network, nor tell it of torrents")
    .addOption(
      new Option("--no-port-mapping", "do not ask the router to pass the port on to this side").env(
        "SHOAL_NO_PORT_MAPPING",
      ),
    );
  return addNetworkOptions(command);
}
