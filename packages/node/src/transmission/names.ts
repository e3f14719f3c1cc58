/**
 * How names are spelled: `snake` as of Transmission 4.1 (`hash_string`), `legacy` as before, where each kind of object has
 * its own habits (`hashString`, `peer-limit`). Within this folder names are in snake case.
 */
export type Dialect = "legacy" | "snake";

/** What a name belongs to. */
export type NameKind = "torrent" | "part" | "session" | "stats" | "group" | "answer";

interface Habit {
  readonly style: "camel" | "kebab";
  /** Names that are spelled another way than the style says. */
  readonly others: Readonly<Record<string, string>>;
}

/** @see Transmission 4.0.6, docs/rpc-spec.md */
const LEGACY: Readonly<Record<NameKind, Habit>> = {
  torrent: {
    style: "camel",
    others: {
      file_count: "file-count",
      peer_limit: "peer-limit",
      primary_mime_type: "primary-mime-type",
    },
  },
  /** Files, peers and trackers within a torrent. */
  part: { style: "camel", others: { is_utp: "isUTP" } },
  session: {
    style: "kebab",
    others: { seed_ratio_limit: "seedRatioLimit", seed_ratio_limited: "seedRatioLimited" },
  },
  stats: {
    style: "camel",
    others: { cumulative_stats: "cumulative-stats", current_stats: "current-stats" },
  },
  group: { style: "kebab", others: { honors_session_limits: "honorsSessionLimits" } },
  answer: {
    style: "kebab",
    others: { total_size: "total_size", hash_string: "hashString", ip_protocol: "ipProtocol" },
  },
};

/** A name in any spelling, in snake case: `hashString`, `peer-limit` and `isUTP` are told. */
export function toSnake(name: string): string {
  return name
    .replaceAll("-", "_")
    .replace(/([a-z0-9])([A-Z]+)/g, "$1_$2")
    .toLowerCase();
}

/** How a dialect spells a name. */
export function spell(name: string, kind: NameKind, dialect: Dialect): string {
  if (dialect === "snake") return name;
  const { style, others } = LEGACY[kind];
  if (Object.hasOwn(others, name)) return others[name]!;
  if (style === "kebab") return name.replaceAll("_", "-");
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** An object with its names as a dialect spells them; values stay. */
export function spellKeys(
  object: Readonly<Record<string, unknown>>,
  kind: NameKind,
  dialect: Dialect,
): Record<string, unknown> {
  if (dialect === "snake") return { ...object };
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [spell(name, kind, dialect), value]),
  );
}
