import { MAX_TAGS_OF_TORRENT } from "../remote/torrent-tags.ts";
import type { MethodContext } from "./method.ts";

/** What labels come to: the first that names a category is the torrent's, the others are tags. */
export interface Labels {
  readonly category: string | null;
  readonly tags: readonly string[];
}

export async function readLabels(
  labels: readonly string[] | undefined,
  { operations }: MethodContext,
): Promise<Labels> {
  const clean = [...new Set((labels ?? []).map((label) => label.trim()).filter(Boolean))];
  if (clean.length === 0) return { category: null, tags: [] };
  const { categories } = await operations.call("listCategories");
  const names = new Set(categories.map(({ name }) => name));
  const category = clean.find((label) => names.has(label)) ?? null;
  const tags = clean.filter((label) => label !== category).slice(0, MAX_TAGS_OF_TORRENT + 1);
  return { category, tags };
}
