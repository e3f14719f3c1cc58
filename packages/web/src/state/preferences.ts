import { effect, signal } from "@preact/signals";

export const LANGUAGES = ["en", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** How this browser shows things; the daemon knows nothing of it. */
export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  readonly isCompact: boolean;
}

const STORED_AS = "shoal.preferences";

/** @param wanted The browser's languages, the most wanted first. */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().startsWith(language));
    if (found !== undefined) return found;
  }
  return "en";
}

/** @param text What was stored, by this version or by another. */
export function readPreferences(text: string | null, wanted: readonly string[]): Preferences {
  let stored: Partial<Record<keyof Preferences, unknown>> = {};
  try {
    stored = (JSON.parse(text ?? "null") as typeof stored | null) ?? {};
  } catch {}
  return {
    language: LANGUAGES.find((each) => each === stored.language) ?? pickLanguage(wanted),
    theme: THEMES.find((each) => each === stored.theme) ?? "system",
    isCompact: stored.isCompact === true,
  };
}

const isPage = typeof document !== "undefined";

export const preferences = signal<Preferences>(
  isPage
    ? readPreferences(localStorage.getItem(STORED_AS), navigator.languages)
    : readPreferences(null, []),
);

export function prefer(change: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...change };
  localStorage.setItem(STORED_AS, JSON.stringify(preferences.value));
}

/** Keeps the page's language and colours as they are preferred. */
export function followPreferences(): void {
  effect(() => {
    const { language, theme } = preferences.value;
    document.documentElement.lang = language;
    document.documentElement.dataset["theme"] = theme;
  });
}
