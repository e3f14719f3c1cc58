import type { ComponentChildren } from "preact";
import { Icon } from "../parts/icon.tsx";
import { words } from "../words/words.ts";

type ChangeRow<Row> = (part: Partial<Row>) => void;

/** A list of things with several fields each, to which one can be added, and of which any can be removed. */
export function RowsField<Row extends object>({
  value,
  empty,
  addText,
  nameOf,
  fields,
  beside,
  onChange,
}: {
  readonly value: readonly Row[];
  /** What a new row begins with. */
  readonly empty: Row;
  readonly addText: string;
  /** What a row is called. @param number From 1. */
  readonly nameOf: (number: number) => string;
  readonly fields: (row: Row, change: ChangeRow<Row>) => ComponentChildren;
  /** Shown in the line of the button that removes the row. */
  readonly beside?: (row: Row, change: ChangeRow<Row>) => ComponentChildren;
  readonly onChange: (value: readonly Row[]) => void;
}) {
  const say = words.value;
  return (
    <>
      {value.map((row, index) => {
        const change: ChangeRow<Row> = (part) =>
          onChange(value.map((each, place) => (place === index ? { ...each, ...part } : each)));
        const name = nameOf(index + 1);
        return (
          <fieldset key={index} class="card sunken">
            <legend class="unseen">{name}</legend>
            {fields(row, change)}
            <div class="row spread">
              {beside?.(row, change)}
              <button
                type="button"
                class="button plain"
                aria-label={say.removeThis(name)}
                onClick={() => onChange(value.filter((_, place) => place !== index))}
              >
                <Icon name="trash" />
                {say.remove}
              </button>
            </div>
          </fieldset>
        );
      })}
      <div>
        <button type="button" class="button" onClick={() => onChange([...value, empty])}>
          <Icon name="add" />
          {addText}
        </button>
      </div>
    </>
  );
}
