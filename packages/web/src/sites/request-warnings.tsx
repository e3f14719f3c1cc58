import type { Signal } from "@preact/signals";
import { visibleText } from "../format/visible-text.ts";
import { CheckField } from "../parts/field.tsx";
import type { SiteRequest } from "../state/site-requests.ts";
import { words } from "../words/words.ts";

/** What speaks against it; each grave warning is confirmed by itself. */
export function RequestWarnings({
  warnings,
  understood,
}: {
  readonly warnings: SiteRequest["warnings"];
  /** Codes of what was confirmed. */
  readonly understood: Signal<ReadonlySet<string>>;
}) {
  const say = words.value;
  return (
    <>
      {warnings.map(({ code, text, isGrave }) => (
        <div key={code} class={`callout ${isGrave ? "bad" : "warn"}`} role="alert">
          <div class="stack-s grow">
            <b>{say.siteWarnings[code]}</b>
            <span class="wrap-anywhere">{say.siteWarningHints[code] ?? visibleText(text)}</span>
            {isGrave && (
              <CheckField
                label={say.understoodThis}
                isOn={understood.value.has(code)}
                onChange={(isOn) => {
                  const others = [...understood.value].filter((each) => each !== code);
                  understood.value = new Set(isOn ? [...others, code] : others);
                }}
              />
            )}
          </div>
        </div>
      ))}
    </>
  );
}
