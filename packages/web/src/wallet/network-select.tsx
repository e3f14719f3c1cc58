import { words } from "../words/words.ts";
import { type Network, networkName, pickedNetwork } from "./wallet-state.ts";

/** Which network money is shown of, where there is more than one. */
export function NetworkSelect({ networks }: { readonly networks: readonly Network[] }) {
  if (networks.length < 2) return null;
  return (
    <select
      aria-label={words.value.network}
      value={networkName.value}
      onChange={(event) => {
        pickedNetwork.value = event.currentTarget.value;
      }}
    >
      {networks.map((each) => (
        <option key={each.name} value={each.name}>
          {words.value.networkTitles[each.name] ?? each.title}
        </option>
      ))}
    </select>
  );
}
