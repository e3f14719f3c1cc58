import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import { createProgramRunner } from "./run-program.ts";

const NODE = process.execPath;
const HOUR_MS = 3_600_000;

suite("programs", () => {
  test("get their arguments as they are, and nothing of this process's environment that could be a secret", () =>
    withWorld({ seed: 1 }, async (world) => {
      const { clock } = world.host({ address: "10.0.0.1" });
      process.env["SHOAL_TEST_SECRET"] = "secret";
      const script =
        "console.log(JSON.stringify([process.argv.slice(1), Object.keys(process.env)]))";
      const hostile = `$(id); "a" 'b' | > \n &`;
      const { exitCode, output } = await createProgramRunner(clock).run({
        program: NODE,
        arguments: ["-e", script, "--", hostile],
        environment: { SHOAL_NAME: "x" },
        timeLimitMs: HOUR_MS,
      });
      delete process.env["SHOAL_TEST_SECRET"];
      assert.equal(exitCode, 0);
      const [args, names] = JSON.parse(output) as [string[], string[]];
      assert.deepEqual(args, [hostile]);
      assert.ok(names.includes("SHOAL_NAME"));
      assert.ok(!names.includes("SHOAL_TEST_SECRET"));
    }));

  test("limit: output of a program: the last 4 KiB", () =>
    withWorld({ seed: 2 }, async (world) => {
      const { clock } = world.host({ address: "10.0.0.1" });
      const script =
        "for (let i = 0; i < 1000; i++) console.log('x'.repeat(999)); process.exitCode = 3";
      const end = await createProgramRunner(clock).run({
        program: NODE,
        arguments: ["-e", script],
        environment: {},
        timeLimitMs: HOUR_MS,
      });
      assert.equal(end.exitCode, 3);
      assert.ok(end.output.length <= 4096);
    }));

  test("limit: time of a program: it is asked to end, with all that it started", () =>
    withWorld({ seed: 3 }, async (world) => {
      const { clock } = world.host({ address: "10.0.0.1" });
      const running = createProgramRunner(clock).run({
        program: NODE,
        arguments: ["-e", "setInterval(() => {}, 1000)"],
        environment: {},
        timeLimitMs: 5000,
      });
      await world.run({ untilMs: 6000 });
      const { exitCode, isTimedOut } = await running;
      assert.deepEqual([exitCode, isTimedOut], [null, true]);
    }));

  test("one that is not there cannot be started", () =>
    withWorld({ seed: 4 }, async (world) => {
      const { clock } = world.host({ address: "10.0.0.1" });
      const run = { program: "/no/such/program", arguments: [], environment: {}, timeLimitMs: 1 };
      await assert.rejects(createProgramRunner(clock).run(run));
    }));
});
