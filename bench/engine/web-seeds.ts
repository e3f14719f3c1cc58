import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../clients/child.ts";
import { PYTHON } from "../clients/libtorrent.ts";
import { Scope } from "../clients/scope.ts";
import { serveFile } from "../clients/web-server.ts";
import type { Contender, Contest } from "../contest.ts";
import { FAST_FOLDER, type Version } from "./content.ts";
import type { EngineBench } from "./engine-bench.ts";
import { measureCommand } from "./measure-command.ts";

const BIN = fileURLToPath(new URL("../../bin/shoal", import.meta.url));
const LIBTORRENT_GET = fileURLToPath(new URL("../clients/libtorrent-web-seed.py", import.meta.url));

/** Makes the command that downloads a torrent from the web server that it names. */
type Command = (torrent: string, dir: string, url: string) => readonly string[];

const COMMANDS: Readonly<Record<"shoal" | "libtorrent" | "aria2", Command>> = {
  shoal: (torrent, dir) => [BIN, "get", torrent, "--dir", dir, "--host", "127.0.0.1", "--quiet"],
  libtorrent: (torrent, dir, url) => [PYTHON, LIBTORRENT_GET, torrent, dir, url],
  aria2: (torrent, dir) => [
    ...["aria2c", "--no-conf=true", "--quiet=true", "--enable-dht=false", "--bt-enable-lpd=false"],
    ...["--file-allocation=none", "--seed-time=0", `--dir=${dir}`, torrent],
  ],
};

/** Downloads from one web server and no peer (BEP 19): the whole commands, from start to end. */
export function listWebSeedContests({ shelf, sizeBytes, rivals }: EngineBench): Contest[] {
  const contender = (client: keyof typeof COMMANDS, version: Version): Contender => ({
    name: client,
    run: async () => {
      const content = await shelf.take(sizeBytes);
      const scope = new Scope();
      try {
        const dir = await scope.folder(FAST_FOLDER);
        const url = await serveFile(scope, content.path);
        const torrent = join(await scope.folder(), "web.torrent");
        const options = [`--${version}`, "--piece-length", "1M", "--web-seed", url];
        await run(BIN, "create", content.path, "-o", torrent, ...options);
        return await measureCommand(sizeBytes, COMMANDS[client](torrent, dir, url));
      } finally {
        await scope.close();
      }
    },
  });
  const contests: [Version, "libtorrent" | "aria2"][] = [
    ["v1", "libtorrent"],
    ["v1", "aria2"],
    ["v2", "libtorrent"],
  ];
  return contests.map(([version, other]) => ({
    title: `web seed, ${version}, against ${other}`,
    ours: contender("shoal", version),
    other: rivals.has(other) ? contender(other, version) : null,
  }));
}
