import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { format } from "../format/format.ts";
import { parseBytes } from "../format/parse-amount.ts";
import { words } from "../words/words.ts";
import { TextField } from "./field.tsx";

export interface LimitFieldProps {
  readonly label: string;
  /** Bytes per second; null for none. */
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  readonly autofocus?: boolean;
}

/** A rate that somebody types: `5 MiB`, `500k`; empty is no limit. */
export function LimitField({ label, value, onChange, autofocus }: LimitFieldProps) {
  const text = useSignal("");
  useEffect(() => {
    if (parseBytes(text.peek()) !== value) text.value = value === null ? "" : plainRate(value);
  }, [value]);
  const parsed = parseBytes(text.value);
  return (
    <TextField
      label={label}
      value={text.value}
      placeholder={words.value.noLimit}
      {...(autofocus !== undefined && { autofocus })}
      problem={parsed === undefined ? words.value.limitProblem : null}
      hint={typeof parsed === "number" ? format.value.rate(parsed) : words.value.limitHint}
      onValue={(next) => {
        text.value = next;
        const read = parseBytes(next);
        if (read !== undefined) onChange(read);
      }}
    />
  );
}

function plainRate(bytes: number): string {
  const mebi = bytes / 2 ** 20;
  if (Number.isInteger(mebi * 100)) return `${mebi} MiB`;
  const kibi = bytes / 1024;
  return Number.isInteger(kibi) ? `${kibi} KiB` : `${bytes} B`;
}
