import { api } from "../browser/connection.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import { browserWallets } from "./browser-wallets.ts";
import { accountOf } from "./outside-account.ts";

/** Wallets of the user's own, to be paid without copying an address: where earnings go, and where they come from. */
export function OwnWallets({
  network,
  onPick,
}: {
  readonly network: string;
  readonly onPick: (address: string) => void;
}) {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listWallets"), []);
  const kind = network.startsWith("tron") ? "tron" : "evm";
  const ofNode = (asked.data.value?.wallets ?? []).flatMap(({ name, accounts }) =>
    accounts.slice(0, 1).map(({ addresses }) => [say.ofNode(name), addresses[kind]] as const),
  );
  const ofBrowser =
    kind === "tron"
      ? []
      : browserWallets.value.map(
          (wallet) => [say.ofBrowser(wallet.name), accountOf(wallet).value.addresses[0]] as const,
        );
  const all = [...ofNode, ...ofBrowser].filter(([, address]) => address !== undefined);
  // With a single wallet it could only pay itself.
  if (all.length < 2) return null;
  return (
    <div class="row small" role="group" aria-label={say.yourWallets}>
      <span class="quiet" aria-hidden="true">
        {say.yourWallets}:
      </span>
      {all.map(([name, address]) => (
        <button
          key={name}
          type="button"
          class="button link small"
          onClick={() => onPick(address ?? "")}
        >
          <bdi>{name}</bdi>
        </button>
      ))}
    </div>
  );
}
