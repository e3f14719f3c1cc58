import { Command, InvalidArgumentError, Option } from "commander";
import { collect } from "./arguments/collect.ts";
import { parseBytes } from "./arguments/parse-bytes.ts";
import { parseDuration } from "./arguments/parse-duration.ts";
import { parseHostPort, parsePort } from "./arguments/parse-endpoint.ts";
import { parseCount } from "./arguments/parse-count.ts";
import { parsePieceLength } from "./arguments/parse-piece-length.ts";
import { parsePriority } from "./arguments/parse-priority.ts";
import { parseRatio } from "./arguments/parse-ratio.ts";
import { parseTrackerUrl, parseWebSeedUrl } from "./arguments/parse-url.ts";
import type { CommonOptions, RunCommand } from "./commands/context.ts";
import type { CreateOptions } from "./commands/create.ts";
import type { DemoOptions } from "./commands/demo.ts";
import type { GetOptions } from "./commands/get-options.ts";
import type { SeedOptions } from "./commands/seed.ts";
import type { TrackerOptions } from "./commands/tracker.ts";
import type { VerifyOptions } from "./commands/verify.ts";
import { addChainCommands } from "./chain/add-chain-commands.ts";
import { addContractCommands } from "./contracts/add-contract-commands.ts";
import { addDaemonCommands } from "./daemon/add-daemon-commands.ts";
import { addDhtCommands } from "./dht/add-dht-commands.ts";
import { addNodeCommands } from "./node/add-node-commands.ts";
import { addPublishCommands } from "./publish/add-publish-commands.ts";
import { addBountyCommands, addRewardsCommands } from "./rewards/add-rewards-commands.ts";
import { addSpeedCommands } from "./speed/add-speed-commands.ts";
import { addBuyOptions, addSellOptions } from "./speed/trade-options.ts";
import { addWalletCommands } from "./wallet/add-wallet-commands.ts";
import { readVersion } from "./process/read-version.ts";
import { addSessionOptions } from "./torrent/session-options.ts";

/**
 * The commands with their options. Each loads its code when it is called, so that help and the small ones start
 * at once.
 * @returns a program whose `parseAsync` throws a `CommanderError` when the command line is wrong.
 */
export function createProgram(runCommand: RunCommand): Command {
  const program = new Command("shoal")
    .description("A fast BitTorrent client.")
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .configureHelp({ sortSubcommands: false })
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, "shoal:")) })
    .exitOverride()
    .addHelpText(
      "after",
      `
Examples:
  shoal create photos --tracker http://tracker.example:6969/announce
  shoal seed photos.torrent --dir .
  shoal get photos.torrent --dir downloads
  shoal demo

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 nobody answers, 4 not found, 5 insufficient funds,
6 data cannot be verified, 130 interrupted.
NO_COLOR turns colours off. SHOAL_HOME names one folder for all that Shoal keeps.`,
    );

  addCommand(program, "create <path>", "make a torrent file of a file or folder")
    .option("-o, --output <file>", "the torrent file to write (default: NAME.torrent here)")
    .option("--force", "write over whatever is there already, not only an earlier torrent")
    .addOption(new Option("--v1", "BEP 3 only, for every client").conflicts(["v2", "hybrid"]))
    .addOption(new Option("--v2", "BEP 52 only, every block verified alone").conflicts("hybrid"))
    .option("--hybrid", "both in one torrent (default)")
    .option("--piece-length <bytes>", "a power of two from 16K, such as 1M", parsePieceLength)
    .option(
      "--tracker <url>",
      "http, https, udp, ws or wss; may be repeated",
      collect(parseTrackerUrl),
    )
    .option("--web-seed <url>", "where the files are on the web (BEP 19)", collect(parseWebSeedUrl))
    .option("--private", "peers come from the trackers alone (BEP 27)")
    .option("--comment <text>", "a remark for whoever looks at the torrent")
    .addHelpText(
      "after",
      examples(
        "shoal create film.mkv",
        "shoal create photos -o p.torrent --tracker udp://tracker.example:6969",
        "shoal create data --v2 --piece-length 4M --json",
      ),
    )
    .action(async (path: string, options: CreateOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./commands/create.ts")).runCreate(path, options, context);
      });
    });

  addCommand(program, "info <source>", "say what a torrent file or magnet link holds")
    .addHelpText(
      "after",
      examples("shoal info photos.torrent", "shoal info photos.torrent --json | jq -r .magnet"),
    )
    .action(async (source: string, options: CommonOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./commands/info.ts")).runInfo(source, options, context);
      });
    });

  addCommand(program, "verify <file>", "check the files of a torrent, reading all of them")
    .requiredOption("--dir <folder>", "the folder that holds the files, or their root folder")
    .addHelpText("after", examples("shoal verify photos.torrent --dir downloads"))
    .action(async (file: string, options: VerifyOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./commands/verify.ts")).runVerify(file, options, context);
      });
    });

  addBuyOptions(
    addTorrentOptions(
      addCommand(
        program,
        "get <source...>",
        "download torrent files, magnet links, infohashes or URLs, several at once",
      )
        .requiredOption("--dir <folder>", "where the files go")
        .option("--select <glob>", "files to download; may be repeated", collect(String))
        .option(
          "--priority <glob=level>",
          "what comes first: 0 to 7, or skip, low, normal, high, top; may be repeated",
          collect(parsePriority),
        )
        .option(
          "--reuse <folder>",
          "look here for files that need not be fetched; may be repeated",
          collect(String),
        )
        .option("--preallocate", "take all the room that files need at once, where the system can")
        .option("--sequential", "pieces in order, for watching while it comes")
        .option("--stdout <glob>", "write this file to stdout while it comes, for a player")
        .option("--seed", "go on uploading when the download is complete"),
    ),
  )
    .addHelpText(
      "after",
      examples(
        "shoal get photos.torrent --dir downloads",
        "shoal get 'magnet:?xt=urn:btih:...' --dir downloads --select '*.mkv' --sequential",
        "shoal get https://example.org/debian.torrent --dir . --max-down 2M --seed",
        "shoal get film.torrent --dir downloads --stdout '*.mkv' | mpv -",
        "shoal get photos.torrent --dir downloads --peer '[2001:db8::1]:6881'",
        "shoal get 'magnet:?xt=urn:btih:...' --dir downloads --dht-bootstrap 192.0.2.1:6881",
        "shoal get photos.torrent --dir downloads --proxy socks5://127.0.0.1:1080",
        "shoal get *.torrent --dir downloads --max-active 3",
        "shoal get film.torrent --dir downloads --seed-ratio 2 --seed-time 12h",
        "shoal get photos.torrent --dir downloads --interface tun0 --name-server 9.9.9.9",
        "shoal get film.torrent --dir downloads --pay --budget 2 --wallet ann --password-file pass.txt",
      ),
    )
    .action(async (sources: string[], options: GetOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./commands/get.ts")).runGet(sources, options, context);
      });
    });

  addSellOptions(
    addTorrentOptions(
      addCommand(
        program,
        "seed <file...>",
        "verify the files of torrents and upload them, several at once",
      ).requiredOption("--dir <folder>", "the folder that holds the files, or their root folder"),
    ),
  )
    .addHelpText(
      "after",
      examples(
        "shoal seed photos.torrent --dir .",
        "shoal seed photos.torrent --dir . --port 6881 --max-up 500K",
        "shoal seed *.torrent --dir downloads --max-active 20 --seed-ratio 1.5",
        "shoal seed film.torrent --dir . --sell --min-price 0.0005 --wallet bob --password-file pass.txt",
      ),
    )
    .action(async (files: string[], options: SeedOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./commands/seed.ts")).runSeed(files, options, context);
      });
    });

  addTrackerCommands(program, runCommand);

  addDaemonCommands(program, runCommand);

  addDhtCommands(program, runCommand);

  addPublishCommands(program, runCommand);

  addChainCommands(program, runCommand);
  addWalletCommands(program, runCommand);

  addContractCommands(program, runCommand);

  addSpeedCommands(program, runCommand);

  addRewardsCommands(program, runCommand);

  addBountyCommands(program, runCommand);

  addNodeCommands(program, runCommand);

  addCommand(program, "demo", "show a tracker, two seeders and a download on this machine")
    .addOption(
      new Option("--size <bytes>", "of the file that is shared")
        .argParser(parseDemoSize)
        .default(256 * 2 ** 20, "256M"),
    )
    .addHelpText("after", examples("shoal demo", "shoal demo --size 1G"))
    .action(async (options: DemoOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./commands/demo.ts")).runDemo(options, context);
      });
    });

  return program;
}

function addCommand(program: Command, nameAndArguments: string, summary: string): Command {
  return program
    .command(nameAndArguments)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .summary(summary)
    .showHelpAfterError(`shoal ${nameAndArguments.split(" ")[0]} --help lists its options`)
    .option("--json", "one JSON object on stdout at the end")
    .addOption(
      new Option("--events <format>", "events on stdout as they happen").choices(["ndjson"]),
    )
    .option("--quiet", "nothing on stderr but warnings and errors");
}

/** The server, and the accounts of a private one. */
function addTrackerCommands(program: Command, runCommand: RunCommand): void {
  addCommand(program, "tracker", "run a tracker, over HTTP, WebSockets and UDP")
    .addOption(
      new Option("--port <n>", "for HTTP and WebSockets; 0 takes a free one")
        .argParser(parsePort)
        .default(6969),
    )
    .option("--udp-port <n>", "for UDP (default: the same)", parsePort)
    .option("--host <address>", "the address to listen at (default: every address)")
    .addOption(
      new Option("--interval <seconds>", "between a peer's announces")
        .argParser(parseCount(10, 86_400))
        .default(1800),
    )
    .addOption(
      new Option("--workers <n>", "threads that answer UDP")
        .argParser(parseCount(1, 64))
        .default(1),
    )
    .option("--allow-list <file>", "serve these torrents alone: an infohash a line")
    .option("--deny-list <file>", "torrents that are not served")
    .option("--deny-addresses <file>", "addresses and networks that are not served, one a line")
    .option("--private", "serve those alone who have an account, and count what they move")
    .option(
      "--redis <url>",
      "keep the swarms in Redis, for several machines; repeated for a cluster",
      collect(String),
    )
    .addHelpText(
      "after",
      `
Lists are read again when they change. /stats and /metrics say what goes on.
${examples(
  "shoal tracker",
  "shoal tracker --host 127.0.0.1 --port 8000 --workers 2",
  "shoal tracker --private --deny-addresses blocked.txt",
  "shoal tracker --redis redis://10.0.0.5:6379",
)}`,
    )
    .action(async (options: TrackerOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./commands/tracker.ts")).runTracker(options, context);
      });
    });

  addCommand(
    program,
    "tracker-account <action> [name]",
    "add, remove or list accounts of a private tracker",
  )
    .addHelpText(
      "after",
      examples("shoal tracker-account add ann", "shoal tracker-account list --json"),
    )
    .action(async (action: string, name: string | undefined, options: CommonOptions) => {
      await runCommand(options, async (context) => {
        const { runTrackerAccount } = await import("./commands/tracker-account.ts");
        return runTrackerAccount(action, name, context);
      });
    });
}

/** What `get` and `seed` take beside what every session does. */
function addTorrentOptions(command: Command): Command {
  command
    .option("--peer <host:port>", "a peer to connect to; may be repeated", collect(parseHostPort))
    .option(
      "--web-seed <url>",
      "where the files are on the web (BEP 19); may be repeated",
      collect(parseWebSeedUrl),
    )
    .option("--max-active <n>", "torrents that run at once; others wait", parseCount(1, 100_000))
    .addOption(
      new Option("--seed-ratio <ratio>", "seed until so much is uploaded for each byte downloaded")
        .argParser(parseRatio)
        .implies({ seed: true }),
    )
    .addOption(
      new Option("--seed-time <duration>", "seed for so long, such as 30m or 2h")
        .argParser(parseDuration)
        .implies({ seed: true }),
    )
    .option("--recheck", "read everything on disk again, whatever is remembered of it")
    .option("--no-dht", "neither look for peers in the DHT nor be found there");
  return addSessionOptions(command);
}

function parseDemoSize(text: string): number {
  const bytes = parseBytes(text);
  if (bytes > 16 * 2 ** 30) throw new InvalidArgumentError("Expected at most 16G.");
  return bytes;
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
