import { useId } from "preact/hooks";
import { api } from "../browser/connection.ts";
import { Field } from "../parts/field.tsx";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";

/** A category by name: one that there is, or a new one. */
export function CategoryField({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const listId = useId();
  const { data } = useAnswer(async () => api.call("listCategories"), []);
  return (
    <Field label={words.value.category}>
      {(tie) => (
        <>
          <input
            {...tie}
            class="input"
            list={listId}
            maxLength={200}
            value={value}
            placeholder={words.value.noCategory}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
          <datalist id={listId}>
            {data.value?.categories.map(({ name }) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
