import { computed } from "@preact/signals";
import { preferences } from "../state/preferences.ts";
import { englishMoney } from "./english-money.ts";
import { englishNode } from "./english-node.ts";
import { englishSites } from "./english-sites.ts";
import { englishTorrents } from "./english-torrents.ts";
import { englishWallets } from "./english-wallets.ts";
import { japaneseMoney } from "./japanese-money.ts";
import { japaneseNode } from "./japanese-node.ts";
import { japaneseSites } from "./japanese-sites.ts";
import { japaneseTorrents } from "./japanese-torrents.ts";
import { japaneseWallets } from "./japanese-wallets.ts";

export const english = {
  ...englishTorrents,
  ...englishNode,
  ...englishMoney,
  ...englishSites,
  ...englishWallets,
};
/** Everything that the page says. What a language lacks does not compile. */
export type Catalogue = typeof english;

export const japanese: Catalogue = {
  ...japaneseTorrents,
  ...japaneseNode,
  ...japaneseMoney,
  ...japaneseSites,
  ...japaneseWallets,
};

/** The words of the language that is preferred. */
export const words = computed<Catalogue>(() =>
  preferences.value.language === "ja" ? japanese : english,
);
