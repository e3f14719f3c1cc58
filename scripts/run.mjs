// `node scripts/run.mjs ARGS...` runs the pinned Node with ARGS, whichever Node the user has.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { nodeBinary, pinnedEnvironment } from "./pinned-node.mjs";

const child = spawn(nodeBinary, process.argv.slice(2), {
  stdio: "inherit",
  env: pinnedEnvironment(),
});

// Ctrl-C at a terminal reaches the whole process group, so the child has it already; a second
// one from here would read as the user's "at once, please".
const atTerminal = process.stdin.isTTY;
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    if (signal !== "SIGINT" || !atTerminal) child.kill(signal);
  });
}

child.on("error", (error) => {
  console.error(
    `Cannot run the pinned Node at ${nodeBinary}: ${error.message}\n` +
      "Run `node scripts/setup.mjs` to install it, then try again.",
  );
  process.exitCode = 1;
});

child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 128 + constants.signals[signal]);
});
