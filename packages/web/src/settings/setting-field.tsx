import { useSignal } from "@preact/signals";
import { parseAmount, plainAmount } from "../format/parse-amount.ts";
import { CheckField, Field, TextField } from "../parts/field.tsx";
import { LimitField } from "../parts/limit-field.tsx";
import { words } from "../words/words.ts";
import type { DescribedSetting, ObjectsPath, SettingPath } from "./described-setting.ts";
import { ScheduleField } from "./schedule-field.tsx";
import { WatchFoldersField } from "./watch-folders-field.tsx";

const MINUTE_MS = 60_000;

/** One setting, by its kind. What cannot be read is not passed on, and said. */
export function SettingField({
  setting,
  value,
  onChange,
}: {
  readonly setting: DescribedSetting;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}) {
  const say = words.value;
  const path = setting.path as SettingPath;
  const label = say.settingTitles[path];
  const about = say.settingTexts?.[path] ?? setting.description;
  const sentence = say.asSentence(about);
  const hint = setting.isRestart ? `${sentence} ${say.afterRestart}` : sentence;
  switch (setting.kind) {
    case "boolean":
      return (
        <CheckField label={<b>{label}</b>} hint={hint} isOn={value === true} onChange={onChange} />
      );
    case "choice":
      return (
        <Field label={label} hint={hint}>
          {(tie) => (
            <select
              {...tie}
              value={String(value)}
              onChange={(event) => onChange(event.currentTarget.value)}
            >
              {(setting.choices ?? []).map((choice) => (
                <option key={choice} value={choice}>
                  {say.choices[choice] ?? choice}
                </option>
              ))}
            </select>
          )}
        </Field>
      );
    case "rate":
      return (
        <LimitField
          label={label}
          value={typeof value === "number" ? value : null}
          onChange={onChange}
        />
      );
    case "objects":
      return (
        <ObjectsField label={label} hint={hint} path={path} value={value} onChange={onChange} />
      );
    default:
      return (
        <TypedField label={label} hint={hint} setting={setting} value={value} onChange={onChange} />
      );
  }
}

/** A list of things with parts: each such setting has an editor of its own, or this does not compile. */
function ObjectsField({
  label,
  hint,
  path,
  value,
  onChange,
}: {
  readonly label: string;
  readonly hint: string;
  readonly path: SettingPath;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}) {
  const Editor = EDITORS[path as keyof typeof EDITORS];
  return (
    <fieldset class="stack-s">
      <legend class="label">{label}</legend>
      <p class="small quiet">{hint}</p>
      <Editor value={value as never} onChange={onChange} />
    </fieldset>
  );
}

const EDITORS = {
  "downloads.watchFolders": WatchFoldersField,
  "speed.schedule": ScheduleField,
} satisfies Readonly<Record<ObjectsPath, unknown>>;

function TypedField({
  label,
  hint,
  setting,
  value,
  onChange,
}: {
  readonly label: string;
  readonly hint: string;
  readonly setting: DescribedSetting;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}) {
  const say = words.value;
  const typed = useSignal<string | null>(null);
  const text = typed.value ?? textOf(setting, value);
  const isWrong = typed.value !== null && readText(setting, typed.value) === undefined;
  const onText = (next: string): void => {
    typed.value = next;
    const read = readText(setting, next);
    if (read !== undefined) onChange(read);
  };
  const more = unitHint(setting);
  const problem = isWrong ? say.settingProblem : null;
  if (setting.kind === "lines") {
    return (
      <Field label={label} hint={`${hint} ${more}`} problem={problem}>
        {(tie) => (
          <textarea
            {...tie}
            class="mono"
            rows={Math.min(Math.max(text.split("\n").length, 2), 10)}
            spellcheck={false}
            value={text}
            onInput={(event) => onText(event.currentTarget.value)}
          />
        )}
      </Field>
    );
  }
  return (
    <TextField
      label={label}
      hint={`${hint} ${more}`}
      problem={problem}
      value={text}
      placeholder={setting.isNullable ? say.settingNone : ""}
      onValue={onText}
    />
  );
}

function unitHint(setting: DescribedSetting): string {
  const say = words.value;
  if (setting.kind === "duration") return say.inMinutes;
  if (setting.kind === "amount") return say.inBtt;
  if (setting.kind === "bytes") return say.inMebibytes;
  return setting.kind === "lines" ? say.onePerLine : "";
}

function textOf({ kind }: DescribedSetting, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (kind === "lines") return (value as readonly string[]).join("\n");
  if (kind === "amount") return plainAmount(value as string);
  if (kind === "duration") return String((value as number) / MINUTE_MS);
  if (kind === "bytes") return String((value as number) / 2 ** 20);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** @returns what the daemon takes; undefined when the text is none of it. */
function readText(setting: DescribedSetting, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === "" && setting.isNullable) return null;
  switch (setting.kind) {
    case "text":
      return text;
    case "lines":
      return text.split("\n").filter((line) => line.trim() !== "");
    case "amount":
      return parseAmount(trimmed)?.toString() ?? undefined;
    default: {
      const number = trimmed === "" ? Number.NaN : Number(trimmed);
      if (!Number.isFinite(number)) return undefined;
      if (setting.kind === "duration") return Math.round(number * MINUTE_MS);
      if (setting.kind === "bytes") return Math.round(number * 2 ** 20);
      const { minimum = -Infinity, maximum = Infinity } = setting;
      const isWhole = setting.kind !== "integer" || Number.isInteger(number);
      return isWhole && number >= minimum && number <= maximum ? number : undefined;
    }
  }
}
