import { testClock } from "../conformance/clock-conformance.ts";
import { createClock } from "./clock.ts";

testClock("node", async () => {
  // The clock's timers do not keep the process alive; a test that waits for them needs it to be.
  const alive = setInterval(() => {}, 1000);
  return {
    ports: { clock: createClock() },
    run: (body) => body(),
    close: async () => clearInterval(alive),
  };
});
