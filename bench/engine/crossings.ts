import type { ClientName } from "../clients/start-peer.ts";
import type { Contest } from "../contest.ts";
import type { EngineBench } from "./engine-bench.ts";
import { transferContender } from "./transfer.ts";

/** Transmission asks for 512 blocks a pulse, which bounds it: a smaller file says as much. */
const TRANSMISSION_LENGTH_BYTES = 64 * 2 ** 20;

/** Each other client on one end, and on the other end ours, against libtorrent there. */
export function listCrossings({ shelf, sizeBytes, rivals }: EngineBench): Contest[] {
  return [...rivals].flatMap((rival) => {
    const lengthBytes =
      rival === "transmission" ? Math.min(sizeBytes, TRANSMISSION_LENGTH_BYTES) : sizeBytes;
    const base = { shelf, lengthBytes };
    const from = (client: ClientName) =>
      transferContender({ ...base, seeder: client, leecher: rival, own: "seeder" });
    const to = (client: ClientName) =>
      transferContender({ ...base, seeder: rival, leecher: client, own: "leecher" });
    const hasJudge = rivals.has("libtorrent");
    return [
      {
        title: `to ${rival}`,
        ours: from("shoal"),
        other: hasJudge ? from("libtorrent") : null,
      },
      { title: `from ${rival}`, ours: to("shoal"), other: hasJudge ? to("libtorrent") : null },
    ];
  });
}
