/** What each figure of the daemon means, for those who watch it. The text format of Prometheus knows these types. */
export const METRICS = {
  shoal_info: ["gauge", "What is running, as labels; always 1."],
  shoal_start_time_seconds: ["gauge", "When it was started, in seconds since 1970."],
  process_resident_memory_bytes: ["gauge", "Memory of the process."],
  process_cpu_seconds_total: ["counter", "Processor time of all its threads."],
  shoal_loop_delay_seconds: [
    "gauge",
    "The longest that the main thread kept a timer waiting within a minute.",
  ],
  shoal_torrents: ["gauge", "Torrents, by state."],
  shoal_download_bytes_total: ["counter", "Payload downloaded since the start."],
  shoal_upload_bytes_total: ["counter", "Payload uploaded since the start."],
  shoal_download_rate_bytes: ["gauge", "Payload downloaded a second, over the last seconds."],
  shoal_upload_rate_bytes: ["gauge", "Payload uploaded a second, over the last seconds."],
  shoal_peers: ["gauge", "Connected peers of all torrents."],
  shoal_peers_max: ["gauge", "Connections to peers that there may be."],
  shoal_dht_nodes: ["gauge", "Nodes of the DHT that are known; absent while it is off."],
  shoal_free_disk_bytes: ["gauge", "Free room where downloads go by default."],
  shoal_http_requests_total: ["counter", "Requests that were answered, by class of status."],
  shoal_http_request_seconds: ["histogram", "Time until a request's answer began."],
  shoal_event_listeners: ["gauge", "Open streams of events."],
  shoal_log_lines_total: ["counter", "Lines logged, by level."],
  shoal_chain_block: ["gauge", "The newest block of the embedded chain; absent while it is off."],
  shoal_chain_journal_bytes: ["gauge", "The embedded chain on disk."],
} as const satisfies Record<string, readonly ["counter" | "gauge" | "histogram", string]>;

export type MetricName = keyof typeof METRICS;

/** One value of a metric. */
export interface Sample {
  readonly name: MetricName;
  /** Behind the name, as histograms have it: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Samples in the text format of Prometheus. Metrics without samples are left out.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function formatMetrics(samples: readonly Sample[]): string {
  const byName = Map.groupBy(samples, ({ name }) => name);
  const lines: string[] = [];
  for (const [name, each] of byName) {
    const [type, help] = METRICS[name];
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const { suffix = "", labels = {}, value } of each) {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
      const shown = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
      lines.push(`${name}${suffix}${shown} ${value}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
