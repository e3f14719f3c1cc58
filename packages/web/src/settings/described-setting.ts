import { DESCRIBED_SETTINGS } from "./described-settings.ts";

export type SettingPath = (typeof DESCRIBED_SETTINGS)[number]["path"];
/** Those that are lists of things with parts. */
export type ObjectsPath = Extract<
  (typeof DESCRIBED_SETTINGS)[number],
  { readonly kind: "objects" }
>["path"];
export type SettingSection = (typeof DESCRIBED_SETTINGS)[number]["section"];

/** One setting, with what only some of them have. */
export interface DescribedSetting {
  readonly path: string;
  readonly section: SettingSection;
  readonly name: string;
  readonly kind: string;
  readonly isNullable: boolean;
  readonly isRestart: boolean;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** In the order of the schema. */
export const SECTIONS: readonly SettingSection[] = [
  ...new Set(DESCRIBED_SETTINGS.map(({ section }) => section)),
];

export function settingsOf(section: SettingSection): readonly DescribedSetting[] {
  return DESCRIBED_SETTINGS.filter((each) => each.section === section);
}
