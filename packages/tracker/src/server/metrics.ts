import type { RequestCounters } from "./request-counters.ts";
import type { SwarmStats } from "./swarm-state.ts";

/** What each figure of the tracker means, for those who watch it. */
const METRICS = {
  torrents: ["gauge", "shoal_tracker_torrents", "Torrents with at least one peer."],
  peers4: ["gauge", 'shoal_tracker_peers{kind="ipv4"}', "Peers, by how they are reached."],
  peers6: ["gauge", 'shoal_tracker_peers{kind="ipv6"}', null],
  peersWeb: ["gauge", 'shoal_tracker_peers{kind="webrtc"}', null],
  connects: ["counter", "shoal_tracker_connects_total", "UDP connection IDs given out."],
  announces: ["counter", "shoal_tracker_announces_total", "Announces, over every protocol."],
  scrapes: ["counter", "shoal_tracker_scrapes_total", "Scrapes, over every protocol."],
  refused: ["counter", "shoal_tracker_refused_total", "Requests that were broken or not granted."],
  relayed: ["counter", "shoal_tracker_relayed_total", "WebRTC offers and answers passed on."],
} as const satisfies Record<keyof (SwarmStats & RequestCounters), readonly (string | null)[]>;

/** The figures in the text format of Prometheus. */
export function formatMetrics(stats: SwarmStats & RequestCounters): string {
  const lines: string[] = [];
  for (const name of Object.keys(METRICS) as (keyof typeof METRICS)[]) {
    const [type, series, help] = METRICS[name];
    const family = series.replace(/\{.*/, "");
    if (help !== null) lines.push(`# HELP ${family} ${help}`, `# TYPE ${family} ${type}`);
    lines.push(`${series} ${stats[name]}`);
  }
  return `${lines.join("\n")}\n`;
}
