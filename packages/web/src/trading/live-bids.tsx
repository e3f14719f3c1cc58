import { format } from "../format/format.ts";
import { Empty } from "../parts/empty.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { hrefTo } from "../state/route.ts";
import { words } from "../words/words.ts";
import type { Trading } from "./trading-answer.ts";

type Bid = Trading["bids"][number];
const TONES: Readonly<Record<Bid["state"], string>> = {
  offered: "",
  bid: "accent",
  accepted: "good",
  outbid: "warn",
};

/** Auctions as they stand: bids for our slots, and ours for others'. */
export function LiveBids({ bids }: { readonly bids: readonly Bid[] }) {
  const say = words.value;
  return (
    <section class="stack" aria-label={say.liveAuctions}>
      <h2>{say.liveAuctions}</h2>
      {bids.length === 0 ? (
        <Empty icon="trade" title={say.noBids}>
          <p>{say.noBidsHint}</p>
        </Empty>
      ) : (
        (["selling", "buying"] as const).map((role) => {
          const rows = bids.filter((bid) => bid.role === role);
          return rows.length === 0 ? null : (
            <div key={role} class="stack-s">
              <h3>{say.roles[role]}</h3>
              <BidTable name={say.roles[role]} bids={rows} />
            </div>
          );
        })
      )}
    </section>
  );
}

/** Bids of one role, the highest on top. */
export function BidTable({ name, bids }: { readonly name: string; readonly bids: readonly Bid[] }) {
  const say = words.value;
  const { amount, bytes } = format.value;
  return (
    <SortTable
      name={name}
      rows={bids}
      sort="price"
      keyOf={({ peerId, infoHash, role }) => `${role} ${infoHash} ${peerId}`}
      columns={[
        {
          id: "peer",
          head: say.peer,
          isLong: true,
          cell: ({ peer }) => <code>{peer}</code>,
        },
        {
          id: "torrent",
          head: say.torrent,
          isLong: true,
          cell: ({ infoHash, torrentName }) => (
            <a href={hrefTo("torrents", infoHash)}>
              <bdi>{torrentName}</bdi>
            </a>
          ),
        },
        {
          id: "state",
          head: say.state,
          cell: ({ state, slot }) => (
            <span class="row">
              <span class={`tag ${TONES[state]}`}>{say.bidStates[state]}</span>
              {slot && <span class="tag good">{say.hasSlot}</span>}
            </span>
          ),
        },
        {
          id: "price",
          head: say.pricePerMebibyte,
          by: ({ price }) => Number(price),
          isEnd: true,
          cell: ({ price }) => amount(price),
        },
        {
          id: "paid",
          head: say.paidBtt,
          by: ({ paidWei }) => Number(paidWei),
          isEnd: true,
          cell: ({ paidWei }) => <b>{amount(paidWei)}</b>,
        },
        {
          id: "moved",
          head: say.moved,
          by: ({ transferredBytes }) => transferredBytes,
          isEnd: true,
          cell: ({ transferredBytes }) => bytes(transferredBytes),
        },
        {
          id: "least",
          head: say.minPriceHead,
          isEnd: true,
          cell: ({ minPrice }) => amount(minPrice),
        },
      ]}
    />
  );
}
