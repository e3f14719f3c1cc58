import { type Command, InvalidArgumentError, Option } from "commander";
import { parseBytes } from "../arguments/parse-bytes.ts";
import { parseCount } from "../arguments/parse-count.ts";
import { parseRatio } from "../arguments/parse-ratio.ts";
import type { CommonOptions, RunCommand } from "../commands/context.ts";
import { EXIT } from "../exit-codes.ts";
import { SHELLS, type Shell } from "../completion/completion.ts";
import { addAccessCommands } from "./add-access-commands.ts";
import { addSiteCommands } from "./add-site-commands.ts";
import { addCommand, examples } from "./add-command.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import type { ImportOptions } from "./import-command.ts";
import type { HistoryOptions } from "./history-command.ts";
import type { LogOptions } from "./log-command.ts";
import type {
  Action,
  AddOptions,
  LimitOptions,
  ListOptions,
  RemoveOptions,
} from "./torrent-commands.ts";
import type { TopOptions } from "./top.ts";

const STATES = ["metadata", "checking", "downloading", "seeding", "queued", "paused", "error"];

/** The commands that drive a running daemon. */
export function addDaemonCommands(program: Command, runCommand: RunCommand): void {
  addTorrentCommands(program, runCommand);
  addActionCommands(program, runCommand);
  addAccessCommands(program, runCommand);
  addSiteCommands(program, runCommand);

  addCommand(
    program,
    "limit [torrent...]",
    "limit rates, of all torrents together when none is named",
    [
      "shoal limit --down 5M --up 500K",
      "shoal limit debian --up none",
      "shoal limit 0123456789ab --ratio 2",
    ],
  )
    .option(
      "--down <rate>",
      "bytes a second, such as 500K; none for no limit",
      parseLimit(parseBytes),
    )
    .option(
      "--up <rate>",
      "bytes a second, such as 500K; none for no limit",
      parseLimit(parseBytes),
    )
    .option(
      "--ratio <ratio>",
      "seed until so much is uploaded; none for no limit",
      parseLimit(parseRatio),
    )
    .action(async (words: string[], options: LimitOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./torrent-commands.ts")).runLimit(words, options, context);
      });
    });

  addCommand(program, "top", "watch what the daemon does, live in the terminal", [
    "shoal top",
    "shoal top --json",
  ])
    .addOption(
      new Option("--count <n>", "torrents that are shown")
        .argParser(parseCount(1, 1000))
        .default(20),
    )
    .action(async (options: TopOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./top.ts")).runTop(options, context);
      });
    });

  addCommand(program, "log", "print what the daemon has logged", [
    "shoal log",
    "shoal log --follow --level warn",
  ])
    .option("-f, --follow", "go on as more is logged")
    .addOption(
      new Option("--level <level>", "the least that is shown")
        .choices(["debug", "info", "warn", "error"])
        .default("info"),
    )
    .action(async (options: LogOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./log-command.ts")).runLog(options, context);
      });
    });

  addCommand(program, "history", "print what a wallet has received, sent and signed", [
    "shoal history",
    "shoal history --csv --count 500 > history.csv",
    "shoal history --wallet main --network bttc --json",
  ])
    .option("--wallet <name>", "which wallet (default: the one that trades)")
    .option("--network <name>", "on which network (default: where bandwidth is paid)")
    .option("--csv", "comma-separated values, for a spreadsheet")
    .addOption(
      new Option("--count <n>", "how many, newest first").argParser(parseCount(1, 500)).default(50),
    )
    .action(async (options: HistoryOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./history-command.ts")).runHistory(options, context);
      });
    });

  addCommand(program, "config [setting] [value]", "print the daemon's settings, or change one", [
    "shoal config",
    "shoal config speed.uploadLimit",
    "shoal config speed.uploadLimit 500000",
    "shoal config downloads.folder /srv/downloads",
  ]).action(async (name: string | undefined, value: string | undefined, options: DaemonOptions) => {
    await runCommand(options, async (context) => {
      return (await import("./config-command.ts")).runConfig(name, value, options, context);
    });
  });

  addCommand(
    program,
    "import <client> <folder>",
    "take over torrents, progress and categories of qbittorrent or transmission",
    [
      "shoal import transmission ~/.config/transmission-daemon --dry-run",
      "shoal import qbittorrent ~/.local/share/qBittorrent",
    ],
  )
    .option("--dry-run", "say what would be taken over, and change nothing")
    .action(async (client: string, folder: string, options: ImportOptions) => {
      await runCommand(options, async (context) => {
        const { IMPORT_CLIENTS, runImport } = await import("./import-command.ts");
        const from = IMPORT_CLIENTS.find((each) => each === client);
        if (from !== undefined) return await runImport(from, folder, options, context);
        const { CliError } = await import("../errors.ts");
        throw new CliError(
          "usage",
          `${client} is not known: expected ${IMPORT_CLIENTS.join(" or ")}`,
        );
      });
    });

  program
    .command("completion <shell>")
    .description(`Print what a shell needs to complete commands: ${SHELLS.join(", ")}.`)
    .summary("print what a shell needs to complete commands")
    .addHelpText(
      "after",
      examples(
        "shoal completion bash > ~/.local/share/bash-completion/completions/shoal",
        "shoal completion zsh > ~/.zfunc/_shoal",
        "shoal completion fish > ~/.config/fish/completions/shoal.fish",
      ),
    )
    .action(async (shell: string) => {
      const options: CommonOptions = {};
      await runCommand(options, async ({ output }) => {
        const { completionScript } = await import("../completion/completion.ts");
        const { CliError } = await import("../errors.ts");
        if (!SHELLS.includes(shell as Shell)) {
          throw new CliError("usage", `${shell} is not known: expected ${SHELLS.join(", ")}`);
        }
        output.data(completionScript(program, shell as Shell).trimEnd());
        return EXIT.ok;
      });
    });
}

function addTorrentCommands(program: Command, runCommand: RunCommand): void {
  addCommand(
    program,
    "add <source...>",
    "give the daemon torrent files, magnet links, infohashes or URLs",
    [
      "shoal add debian.torrent",
      "shoal add 'magnet:?xt=urn:btih:...' --dir films --sequential",
      "shoal add *.torrent --category books --paused",
    ],
  )
    .option("--dir <folder>", "where the files go (default: the category's, or the daemon's)")
    .option("--category <name>", "the category that they are in")
    .option("--paused", "do not start yet")
    .option("--sequential", "pieces in order, for watching while it comes")
    .action(async (sources: string[], options: AddOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./torrent-commands.ts")).runAdd(sources, options, context);
      });
    });

  addCommand(program, "ls", "list the daemon's torrents", [
    "shoal ls",
    "shoal ls --state downloading",
    "shoal ls --json | jq -r '.torrents[].name'",
  ])
    .addOption(new Option("--state <state>", "only those in it").choices(STATES))
    .option("--category <name>", "only those in it")
    .action(async (options: ListOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./torrent-commands.ts")).runList(options, context);
      });
    });

  addCommand(program, "show <torrent>", "everything about one torrent: files, trackers, peers", [
    "shoal show debian-13.1.0-amd64-netinst.iso",
    "shoal show 0123456789ab --json",
  ]).action(async (word: string, options: DaemonOptions) => {
    await runCommand(options, async (context) => {
      return (await import("./torrent-commands.ts")).runShow(word, options, context);
    });
  });

  addCommand(program, "move <torrent> <folder>", "move a torrent's files to another folder", [
    "shoal move 'debian*' /srv/archive",
  ]).action(async (word: string, folder: string, options: DaemonOptions) => {
    await runCommand(options, async (context) => {
      return (await import("./torrent-commands.ts")).runMove(word, folder, options, context);
    });
  });
}

function addActionCommands(program: Command, runCommand: RunCommand): void {
  const act = async (words: readonly string[], action: Action, options: DaemonOptions) => {
    await runCommand(options, async (context) => {
      return (await import("./torrent-commands.ts")).runAction(words, action, options, context);
    });
  };
  addCommand(program, "pause <torrent...>", "stop torrents; what is there stays", [
    "shoal pause all",
    "shoal pause 'debian*'",
  ]).action(async (words: string[], options: DaemonOptions) => await act(words, "pause", options));

  addCommand(program, "resume <torrent...>", "let torrents go on", [
    "shoal resume all",
    "shoal resume 0123456789ab --force",
  ])
    .option("--force", "now, whatever the queue says")
    .action(async (words: string[], options: DaemonOptions & { readonly force?: boolean }) => {
      await act(words, options.force === true ? "force-start" : "resume", options);
    });

  addCommand(program, "recheck <torrent...>", "read the files of torrents again", [
    "shoal recheck 'debian*'",
  ]).action(
    async (words: string[], options: DaemonOptions) => await act(words, "recheck", options),
  );

  addCommand(program, "rm <torrent...>", "forget torrents; their files stay", [
    "shoal rm 0123456789ab",
    "shoal rm 'debian*' --files",
  ])
    .option("--files", "remove their files too")
    .option("--yes", "remove files without asking")
    .action(async (words: string[], options: RemoveOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./torrent-commands.ts")).runRemove(words, options, context);
      });
    });
}

/** A limit, or `none`. */
function parseLimit(parse: (text: string) => number) {
  return (text: string): number | null => {
    if (text === "none") return null;
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw new InvalidArgumentError(`${error.message} Or none.`);
    }
  };
}
