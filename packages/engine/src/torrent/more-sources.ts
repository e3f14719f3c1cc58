import type { TorrentCore } from "./torrent-core.ts";

/** Adds a tracker to those that a torrent names, in a tier of its own. A known one stays where it is. */
export function addTracker(core: TorrentCore, url: string): void {
  const { about, moreTiers } = core;
  if ([...about.tiers, ...moreTiers].some((tier) => tier.includes(url))) return;
  moreTiers.push([url]);
  core.announcing.addTracker(url);
  core.services.onChanged(core);
}

/** @returns false when it is known already, or there are too many. */
export function addWebSeed(core: TorrentCore, url: string): boolean {
  const { active, moreWebSeeds } = core;
  if (moreWebSeeds.includes(url)) return false;
  if (active !== null && !active.webSeeds.add(url, "user")) return false;
  moreWebSeeds.push(url);
  core.services.onChanged(core);
  return true;
}

/** @returns whether it was known. */
export function removeWebSeed(core: TorrentCore, url: string): boolean {
  const { active, moreWebSeeds } = core;
  const at = moreWebSeeds.indexOf(url);
  if (at >= 0) moreWebSeeds.splice(at, 1);
  core.services.onChanged(core);
  return (active?.webSeeds.remove(url) ?? false) || at >= 0;
}
