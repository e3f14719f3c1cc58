import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { HashText } from "../parts/hash-text.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { attempt, tell } from "../state/notices.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";

const CHANNELS_MS = 5000;

/** Channels that we pay from: what lies in them comes back when they are closed. */
export function Channels() {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listChannels"), [], CHANNELS_MS);
  const channels = asked.data.value?.channels ?? [];
  const { amount } = format.value;
  if (channels.length === 0) return null;
  const close = async (id: string): Promise<void> => {
    await attempt(async () => {
      const { summary } = await api.call("closeChannel", { id });
      tell(say.summaries[summary]);
      asked.refresh();
    });
  };
  return (
    <section class="stack-s" aria-label={say.channels}>
      <h2>{say.channels}</h2>
      <p class="small quiet">{say.channelsHint}</p>
      <SortTable
        name={say.channels}
        rows={channels}
        keyOf={({ id }) => id}
        columns={[
          {
            id: "payee",
            head: say.payee,
            cell: ({ payee }) => <HashText text={payee} name={say.payee} />,
          },
          { id: "state", head: say.state, cell: ({ state }) => say.channelStates[state] },
          {
            id: "deposit",
            head: say.deposit,
            isEnd: true,
            cell: ({ depositWei }) => amount(depositWei),
          },
          { id: "spent", head: say.spent, isEnd: true, cell: ({ spentWei }) => amount(spentWei) },
          {
            id: "close",
            head: "",
            isEnd: true,
            cell: ({ id, payee }) => (
              <button
                type="button"
                class="button link"
                aria-label={say.closeChannelTo(payee)}
                onClick={() => void close(id)}
              >
                {say.closeChannel}
              </button>
            ),
          },
        ]}
      />
    </section>
  );
}
