import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LIBTORRENT_CREATE, LIBTORRENT_VERIFY, PYTHON } from "../clients/libtorrent.ts";
import { Scope } from "../clients/scope.ts";
import type { Contender, Contest } from "../contest.ts";
import { type Content, FAST_FOLDER } from "./content.ts";
import type { EngineBench } from "./engine-bench.ts";
import { measureCommand } from "./measure-command.ts";

const BIN = fileURLToPath(new URL("../../bin/shoal", import.meta.url));
const MIB = 2 ** 20;

/** Makes the command for content and a torrent file. */
type Command = (content: Content, torrent: string) => readonly string[];

/** Hashing what lies on disk: the whole commands, from their start to their end. */
export function listFileContests({ shelf, sizeBytes, rivals }: EngineBench): Contest[] {
  const lengthBytes = 2 * sizeBytes;
  const hasJudge = rivals.has("libtorrent");
  return (["v1", "v2"] as const).flatMap((version) => {
    const creating = (name: string, command: Command): Contender => ({
      name,
      run: async () => {
        const content = await shelf.take(lengthBytes);
        const scope = new Scope();
        try {
          const torrent = join(await scope.folder(FAST_FOLDER), "made.torrent");
          return await measureCommand(lengthBytes, command(content, torrent));
        } finally {
          await scope.close();
        }
      },
    });
    const verifying = (name: string, command: Command): Contender => ({
      name,
      run: async () => {
        const content = await shelf.take(lengthBytes);
        return await measureCommand(lengthBytes, command(content, await content.torrent(version)));
      },
    });
    return [
      {
        title: `create ${version}`,
        ours: creating("shoal", ({ path }, torrent) => [
          ...[BIN, "create", path, "-o", torrent],
          ...[`--${version}`, "--piece-length", "1M", "--quiet"],
        ]),
        other: hasJudge
          ? creating("libtorrent", ({ path }, torrent) => [
              ...[PYTHON, LIBTORRENT_CREATE, path, torrent],
              ...[version, String(MIB)],
            ])
          : null,
      },
      {
        title: `verify ${version}`,
        ours: verifying("shoal", ({ dir }, torrent) => [BIN, "verify", torrent, "--dir", dir]),
        other: hasJudge
          ? verifying("libtorrent", ({ dir }, torrent) => [PYTHON, LIBTORRENT_VERIFY, torrent, dir])
          : null,
      },
    ];
  });
}
