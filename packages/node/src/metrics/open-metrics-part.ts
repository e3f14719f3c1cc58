import type { DaemonCore, DaemonPart } from "../daemon/daemon-core.ts";
import { NodeError } from "../errors.ts";
import { formatMetrics, type Sample } from "./metrics.ts";
import { LoopDelay } from "./loop-delay.ts";

const PATH = "/metrics";

/** `/metrics`: the daemon's figures for Prometheus, for whoever may read. */
export function openMetricsPart(core: DaemonCore): DaemonPart {
  const delay = new LoopDelay(core.runtime.clock);
  return {
    faces: [
      {
        owns: (path) => path === PATH,
        maxBodyBytes: () => 0,
        handle(_request, caller) {
          if (!caller.scopes.has("read")) {
            const text = "Send an API key with the scope read (authorization: Bearer ...).";
            throw new NodeError("unauthorized", text);
          }
          return {
            status: 200,
            headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
            body: Buffer.from(formatMetrics(readMetrics(core, delay.worstMs))),
          };
        },
      },
    ],
    close: () => delay.close(),
  };
}

function readMetrics(core: DaemonCore, worstDelayMs: number): readonly Sample[] {
  const { torrents, session, transfer, chain } = core;
  const { downloadedBytes, uploadedBytes, ...figures } = transfer.describe({
    download: null,
    upload: null,
  });
  const { user, system } = process.cpuUsage();
  const samples: Sample[] = [
    { name: "shoal_info", labels: { version: core.version }, value: 1 },
    { name: "shoal_start_time_seconds", value: core.startedAtMs / 1000 },
    { name: "process_resident_memory_bytes", value: core.memoryBytes() },
    { name: "process_cpu_seconds_total", value: (user + system) / 1e6 },
    { name: "shoal_loop_delay_seconds", value: worstDelayMs / 1000 },
  ];
  const states = Map.groupBy(torrents.summaries, ({ state }) => state);
  for (const state of [
    "downloading",
    "seeding",
    "paused",
    "queued",
    "checking",
    "error",
  ] as const) {
    const value = states.get(state)?.length ?? 0;
    samples.push({ name: "shoal_torrents", labels: { state }, value });
  }
  const fetching = states.get("metadata")?.length ?? 0;
  samples.push(
    { name: "shoal_torrents", labels: { state: "metadata" }, value: fetching },
    { name: "shoal_download_bytes_total", value: downloadedBytes },
    { name: "shoal_upload_bytes_total", value: uploadedBytes },
    { name: "shoal_download_rate_bytes", value: figures.downloadRate },
    { name: "shoal_upload_rate_bytes", value: figures.uploadRate },
    { name: "shoal_peers", value: figures.peers },
    { name: "shoal_peers_max", value: session.connections.most },
    { name: "shoal_event_listeners", value: core.events.clients },
    ...core.requests.samples(),
  );
  for (const [level, value] of Object.entries(core.log.counts)) {
    samples.push({ name: "shoal_log_lines_total", labels: { level }, value });
  }
  const { dhtNodes, freeDiskBytes } = figures;
  if (dhtNodes !== null) samples.push({ name: "shoal_dht_nodes", value: dhtNodes });
  if (freeDiskBytes !== null) samples.push({ name: "shoal_free_disk_bytes", value: freeDiskBytes });
  if (chain !== null) {
    const { head, journalBytes } = chain.chain;
    samples.push({ name: "shoal_chain_block", value: head.number });
    samples.push({ name: "shoal_chain_journal_bytes", value: journalBytes });
  }
  return samples;
}
