import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface FieldProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** Said in place of the hint when what was typed is wrong. */
  readonly problem?: string | null;
  /** Gets what ties the input to its name and its hint. */
  readonly children: (tie: {
    readonly id: string;
    readonly "aria-describedby": string | undefined;
    readonly "aria-invalid": boolean;
  }) => ComponentChildren;
}

/** An input with its name above and what is to be known about it below. */
export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  const isWrong = problem !== undefined && problem !== null;
  const below = isWrong ? problem : hint;
  const hasBelow = below !== undefined && below !== null && below !== "";
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      {children({
        id,
        "aria-describedby": hasBelow ? `${id}-hint` : undefined,
        "aria-invalid": isWrong,
      })}
      {hasBelow && (
        <span
          id={`${id}-hint`}
          class={isWrong ? "small bad" : "hint"}
          role={isWrong ? "alert" : undefined}
        >
          {below}
        </span>
      )}
    </div>
  );
}

/** A single line of text under a name. */
export function TextField({
  label,
  value,
  onValue,
  hint,
  problem,
  type = "text",
  ...rest
}: {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: ComponentChildren;
  readonly problem?: string | null;
  readonly type?: "text" | "password" | "number" | "url";
  readonly placeholder?: string;
  readonly autocomplete?: "off" | "new-password" | "current-password" | "url";
  readonly inputMode?: "decimal" | "numeric";
  readonly required?: boolean;
  readonly autofocus?: boolean;
  readonly minLength?: number;
}) {
  return (
    <Field label={label} {...(hint !== undefined && { hint })} problem={problem ?? null}>
      {(tie) => (
        <input
          {...tie}
          {...rest}
          // The types tell inputs apart by a literal; what is passed here all of these have.
          {...({ type } as { readonly type: "text" })}
          class="input"
          spellcheck={false}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** A box to tick, with its words beside it. */
export function CheckField({
  label,
  isOn,
  onChange,
  hint,
}: {
  readonly label: ComponentChildren;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly hint?: string;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={isOn}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {label}
        {hint !== undefined && <span class="quiet small"> {hint}</span>}
      </span>
    </label>
  );
}
