import { arrangement, counts } from "../state/live.ts";
import { STATE_FILTERS } from "../state/state-filter.ts";
import { words } from "../words/words.ts";

/** Which torrents are shown: by what they do, and by category. */
export function Filters() {
  const say = words.value;
  const { states, categories } = counts.value;
  const { state, category } = arrangement.value;
  const names = [...categories.keys()].filter((name) => name !== "").sort();
  return (
    <div class="filters">
      <div class="chips" role="group" aria-label={say.filterByState}>
        {STATE_FILTERS.filter(
          (filter) => filter === "all" || filter === state || (states.get(filter) ?? 0) > 0,
        ).map((filter) => (
          <button
            key={filter}
            type="button"
            class="chip"
            aria-pressed={filter === state}
            onClick={() => {
              arrangement.value = { ...arrangement.value, state: filter };
            }}
          >
            {say.filters[filter]} <span class="count">{states.get(filter) ?? 0}</span>
          </button>
        ))}
      </div>
      {names.length > 0 && (
        <select
          aria-label={say.category}
          value={category ?? "*"}
          onChange={(event) => {
            const { value } = event.currentTarget;
            arrangement.value = { ...arrangement.value, category: value === "*" ? null : value };
          }}
        >
          <option value="*">{say.allCategories}</option>
          <option value="">{say.noCategory}</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {name} ({categories.get(name) ?? 0})
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
