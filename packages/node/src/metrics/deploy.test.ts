import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { METRICS } from "./metrics.ts";

const root = join(import.meta.dirname, "..", "..", "..", "..");
const read = (name: string): string => readFileSync(join(root, "deploy", name), "utf8");

/** Metrics that an expression names, without what histograms add. */
function metricsIn(expression: string): string[] {
  const names = expression.match(/\b(?:shoal|process)_[a-z_]+/g) ?? [];
  return names.map((name) => name.replace(/_(?:bucket|sum|count)$/, ""));
}

suite("what watches the daemon", () => {
  test("the dashboard asks for metrics that there are, and shows all of them", () => {
    const dashboard = JSON.parse(read("grafana-dashboard.json")) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const asked = dashboard.panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => metricsIn(expr)),
    );
    assert.deepEqual([...new Set(asked)].toSorted(), Object.keys(METRICS).toSorted());
  });

  test("every alert is whole, and asks for metrics that there are", () => {
    const [head = "", ...alerts] = read("alerts.yml").split("      - alert: ");
    assert.match(head, /^groups:\n {2}- name: shoal\n {4}rules:\n$/m);
    assert.ok(alerts.length >= 8);
    for (const alert of alerts) {
      const shape =
        /^Shoal\w+\n {8}expr: (.+)\n {8}for: \d+m\n {8}labels: \{ severity: (?:warning|critical) \}\n {8}annotations:\n {10}summary: "[^"]+"\n+$/;
      const [, expression = ""] = shape.exec(alert) ?? assert.fail(alert);
      const unknown = metricsIn(expression).filter((name) => !(name in METRICS));
      assert.deepEqual(unknown, []);
    }
  });

  test("the unit keeps the daemon to its own folders, and lets it end in order", () => {
    const lines = read("shoal.service")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    for (const line of lines) assert.match(line, /^(?:\[\w+\]|[A-Z]\w+=.*)$/);
    for (const wanted of [
      "Type=exec",
      "StateDirectory=shoal",
      "ProtectSystem=strict",
      "NoNewPrivileges=yes",
      "KillSignal=SIGTERM",
    ]) {
      assert.ok(lines.includes(wanted), wanted);
    }
  });

  test("the image runs as nobody special, writes to its volume alone, and ends at SIGTERM", () => {
    const text = read("Dockerfile").replaceAll("\\\n", " ");
    const instructions = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    for (const line of instructions) {
      assert.match(
        line,
        /^(?:FROM|WORKDIR|COPY|RUN|ENV|USER|VOLUME|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT|CMD) /,
      );
    }
    const of = (name: string) => instructions.findLast((line) => line.startsWith(`${name} `));
    assert.equal(of("USER"), "USER 9550:9550");
    assert.equal(of("STOPSIGNAL"), "STOPSIGNAL SIGTERM");
    assert.deepEqual(JSON.parse(of("ENTRYPOINT")!.slice("ENTRYPOINT ".length)), ["shoal"]);
  });
});
