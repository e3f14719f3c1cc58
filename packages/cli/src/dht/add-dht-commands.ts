import { type Command, InvalidArgumentError, Option } from "commander";
import { fromHex } from "@shoal/protocol";
import { parsePort } from "../arguments/parse-endpoint.ts";
import { CliError } from "../errors.ts";
import type { RunCommand } from "../commands/context.ts";
import { addNetworkOptions } from "../process/network-options.ts";
import { createBootstrapOption } from "./bootstrap.ts";
import type { AnnounceFlags, ItemFlags } from "./dht-commands.ts";
import type { DhtFlags } from "./open-command-dht.ts";

const DEFAULT_TIMEOUT_S = 60;

/** `shoal dht` and what it does. */
export function addDhtCommands(program: Command, runCommand: RunCommand): void {
  const dht = program
    .command("dht")
    .description("Look into the distributed hash table, and store things there.")
    .summary("look into the distributed hash table, and store things there")
    .addHelpText(
      "after",
      `
Examples:
  shoal dht lookup 0123456789abcdef0123456789abcdef01234567
  shoal dht announce 0123456789abcdef0123456789abcdef01234567 --port 6881
  shoal dht put 'Hello World!'
  shoal dht put 'version two' --key my.key --salt news
  shoal dht get e5f96f6f38320f0f33959cb4d3d656452117aadb
  shoal dht sample --count 100
  shoal dht table --json

The first time public hosts let the node in, or those of --dht-bootstrap; nodes that answered are remembered.`,
    );

  add(dht, "lookup <infohash>", "print a torrent's peers").action(
    async (infoHash: string, options: DhtFlags) => {
      await runCommand(options, async (context) => {
        const bytes = parseInfoHash(infoHash);
        return (await import("./dht-commands.ts")).runDhtLookup(bytes, options, context);
      });
    },
  );
  add(dht, "announce <infohash>", "say that a peer of a torrent is here")
    .requiredOption("--port <n>", "where the peer listens", parsePort)
    .option("--seed", "it has everything")
    .action(async (infoHash: string, options: AnnounceFlags) => {
      await runCommand(options, async (context) => {
        const bytes = parseInfoHash(infoHash);
        return (await import("./dht-commands.ts")).runDhtAnnounce(bytes, options, context);
      });
    });
  addSalt(add(dht, "put <text>", "store text, under its hash or under a key"))
    .option("--key <file>", "the private key to store it under; made when there is none")
    .action(async (text: string, options: ItemFlags) => {
      await runCommand(options, async (context) => {
        return (await import("./dht-commands.ts")).runDhtPut(text, options, context);
      });
    });
  addSalt(add(dht, "get <target>", "print an item, by its hash or its public key")).action(
    async (target: string, options: ItemFlags) => {
      await runCommand(options, async (context) => {
        const name = parseTarget(target);
        return (await import("./dht-commands.ts")).runDhtGet(name, options, context);
      });
    },
  );
  add(dht, "sample", "print infohashes that others announced (BEP 51)")
    .addOption(new Option("--count <n>", "how many").argParser(parseCount).default(20))
    .action(async (options: DhtFlags & { readonly count: number }) => {
      await runCommand(options, async (context) => {
        return (await import("./dht-commands.ts")).runDhtSample(options.count, options, context);
      });
    });
  add(dht, "table", "print the nodes that this one knows").action(async (options: DhtFlags) => {
    await runCommand(options, async (context) => {
      return (await import("./dht-commands.ts")).runDhtTable(options, context);
    });
  });
}

function add(dht: Command, nameAndArguments: string, summary: string): Command {
  const command = dht
    .command(nameAndArguments)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .summary(summary)
    .addOption(createBootstrapOption())
    .option("--host <address>", "the address to be a node at (default: every address)")
    .option("--dht-port <n>", "the UDP port (default: a free one)", parsePort)
    .addOption(
      new Option("--timeout <seconds>", "how long it may take")
        .argParser(parseCount)
        .default(DEFAULT_TIMEOUT_S),
    )
    .option("--json", "one JSON object on stdout at the end")
    .addOption(
      new Option("--events <format>", "events on stdout as they happen").choices(["ndjson"]),
    )
    .option("--quiet", "nothing on stderr but warnings and errors");
  return addNetworkOptions(command);
}

export function addSalt(command: Command): Command {
  return command.option("--salt <text>", "tells the items of one key apart", parseSalt);
}

function parseInfoHash(text: string): Uint8Array {
  // Of a v2 torrent the first 20 bytes of its infohash count (BEP 52).
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(text)) return fromHex(text).subarray(0, 20);
  throw new CliError("usage", `${text} is no infohash: expected 40 or 64 hex digits`);
}

function parseTarget(text: string): Uint8Array {
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(text)) return fromHex(text);
  throw new CliError(
    "usage",
    `${text} names no item: expected a hash of 40 hex digits or a public key of 64`,
  );
}

function parseSalt(text: string): string {
  if (Buffer.byteLength(text) <= 64) return text;
  throw new InvalidArgumentError("Expected at most 64 bytes.");
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number from 1 to 999999.");
}
