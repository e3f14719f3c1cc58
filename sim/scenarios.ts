import { economy } from "./scenarios/economy.ts";
import type { Scenario } from "./scenario.ts";
import { anything } from "./scenarios/anything.ts";
import { clockJumps } from "./scenarios/clock-jumps.ts";
import { flashCrowd } from "./scenarios/flash-crowd.ts";
import { freeRiders } from "./scenarios/free-riders.ts";
import { fullDisks } from "./scenarios/full-disks.ts";
import { liars } from "./scenarios/liars.ts";
import { paidCrowd } from "./scenarios/paid-crowd.ts";
import { partitions } from "./scenarios/partitions.ts";
import { seederLeaves } from "./scenarios/seeder-leaves.ts";
import { soak } from "./scenarios/soak.ts";
import { slowLoris } from "./scenarios/slow-loris.ts";

/** All that there are, in the order in which they are played. */
export const SCENARIOS: readonly Scenario[] = [
  flashCrowd,
  seederLeaves,
  freeRiders,
  liars,
  slowLoris,
  partitions,
  clockJumps,
  fullDisks,
  anything,
  soak,
  economy,
  paidCrowd,
];
