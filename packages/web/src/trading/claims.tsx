import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { HashText } from "../parts/hash-text.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";

const CLAIMS_MS = 5000;

/** What payers owe, by channel; nothing when nobody does. */
export function Claims() {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listClaims"), [], CLAIMS_MS);
  const claims = asked.data.value?.claims ?? [];
  const { amount } = format.value;
  if (claims.length === 0) return null;
  return (
    <section class="stack-s" aria-label={say.claims}>
      <h2>{say.claims}</h2>
      <SortTable
        name={say.claims}
        rows={claims}
        keyOf={({ channelId }) => channelId}
        columns={[
          {
            id: "payer",
            head: say.payer,
            cell: ({ payer }) => <HashText text={payer} name={say.payer} />,
          },
          { id: "owed", head: say.owed, isEnd: true, cell: ({ totalWei }) => amount(totalWei) },
          {
            id: "cashed",
            head: say.cashed,
            isEnd: true,
            cell: ({ redeemedWei }) => amount(redeemedWei),
          },
          {
            id: "debt",
            head: say.debt,
            isEnd: true,
            cell: ({ debtWei }) => amount(debtWei),
          },
        ]}
      />
    </section>
  );
}
