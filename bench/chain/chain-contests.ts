import type { Contest } from "../contest.ts";
import { measureTransfers } from "./transfers.ts";
import { measureViem, measureVouchers } from "./vouchers.ts";

/** Rounds of ten seconds each. */
const MAX_ROUNDS = 3;

/** The embedded chain with durable blocks, and vouchers on one thread. */
export async function listChainContests(): Promise<Contest[]> {
  const native = {
    name: "native",
    run: () => Promise.resolve(measureVouchers("native", 20_000)),
  };
  return [
    {
      title: "embedded chain",
      ours: { name: "shoal", run: measureTransfers },
      other: null,
      maxRounds: MAX_ROUNDS,
    },
    {
      title: "vouchers, against viem",
      ours: native,
      other: { name: "viem", run: () => measureViem(500) },
    },
    {
      title: "vouchers, native against JavaScript",
      ours: native,
      other: {
        name: "portable",
        run: () => Promise.resolve(measureVouchers("portable", 500)),
      },
    },
  ];
}
