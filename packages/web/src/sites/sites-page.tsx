import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { addressOf, api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Empty } from "../parts/empty.tsx";
import { HashText } from "../parts/hash-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { Problem } from "../parts/problem.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { attempt } from "../state/notices.ts";
import { type Site, siteRequests, sitesRevision, takeUpRequests } from "../state/site-requests.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import { ChangeSite } from "./change-site.tsx";
import { OriginText } from "./origin-text.tsx";

/** Web sites that see an account of this node, and what they ask for. */
export function SitesPage() {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listSites"), [sitesRevision.value]);
  const networks = useAnswer(async () => api.call("listNetworks"), []);
  const changing = useSignal<Site | null>(null);
  const leaving = useSignal<Site | null>(null);
  const sites = asked.data.value?.sites;
  const waiting = siteRequests.value ?? [];
  const titleOf = (network: string): string =>
    networks.data.value?.networks.find(({ name }) => name === network)?.title ?? network;
  // Whoever comes here wants to see what was put off.
  useEffect(takeUpRequests, []);
  const disconnect = async ({ id }: Site): Promise<void> => {
    await attempt(async () => {
      await api.call("disconnectSite", { id });
      leaving.value = null;
      asked.refresh();
    });
  };
  return (
    <div class="page">
      <div class="page-head">
        <h1>{say.sites}</h1>
      </div>
      <p class="lead quiet">{say.sitesLead}</p>
      {waiting.length > 0 && (
        <div class="callout warn" role="status">
          <span class="grow">{say.requestsWaiting(waiting.length)}</span>
          <button type="button" class="button link" onClick={takeUpRequests}>
            {say.lookAtThem}
          </button>
        </div>
      )}
      <Problem text={sites === undefined ? asked.problem.value : null} onRetry={asked.refresh} />
      {sites?.length === 0 && (
        <Empty icon="globe" title={say.noSites}>
          <p>{say.noSitesHint}</p>
        </Empty>
      )}
      {sites !== undefined && sites.length > 0 && (
        <SitesTable
          sites={sites}
          titleOf={titleOf}
          onChange={(site) => {
            changing.value = site;
          }}
          onLeave={(site) => {
            leaving.value = site;
          }}
        />
      )}
      <ForSites />
      {changing.value !== null && (
        <ChangeSite
          site={changing.value}
          onClose={() => {
            changing.value = null;
            asked.refresh();
          }}
        />
      )}
      {leaving.value !== null && (
        <Disconnect
          site={leaving.value}
          onYes={(site) => void disconnect(site)}
          onClose={() => {
            leaving.value = null;
          }}
        />
      )}
    </div>
  );
}

function SitesTable({
  sites,
  titleOf,
  onChange,
  onLeave,
}: {
  readonly sites: readonly Site[];
  readonly titleOf: (network: string) => string;
  readonly onChange: (site: Site) => void;
  readonly onLeave: (site: Site) => void;
}) {
  const say = words.value;
  const { dateTime } = format.value;
  return (
    <SortTable
      name={say.sites}
      rows={sites}
      keyOf={({ id }) => id}
      columns={[
        {
          id: "origin",
          head: say.site,
          by: ({ origin }) => origin,
          isLong: true,
          cell: ({ origin }) => <OriginText origin={origin} />,
        },
        {
          id: "account",
          head: say.account,
          by: ({ wallet, account }) => `${wallet} ${account}`,
          cell: ({ wallet, account, address }) => (
            <>
              <bdi>{wallet}</bdi> {account > 0 && say.accountNumber(account + 1)}{" "}
              {address !== null && <HashText text={address} name={say.address} />}
            </>
          ),
        },
        {
          id: "network",
          head: say.network,
          by: ({ network }) => titleOf(network),
          cell: ({ network }) => titleOf(network),
        },
        {
          id: "since",
          head: say.since,
          by: ({ createdAtMs }) => createdAtMs,
          cell: ({ createdAtMs }) => dateTime(createdAtMs),
        },
        {
          id: "used",
          head: say.lastUsed,
          by: ({ lastUsedAtMs }) => lastUsedAtMs,
          cell: ({ lastUsedAtMs }) => dateTime(lastUsedAtMs),
        },
        {
          id: "actions",
          head: "",
          isEnd: true,
          cell: (site) => (
            <span class="row site-actions">
              <button
                type="button"
                class="button link"
                aria-label={say.changeSite(site.origin)}
                onClick={() => onChange(site)}
              >
                {say.change}
              </button>
              <button
                type="button"
                class="button link"
                aria-label={say.disconnectSite(site.origin)}
                onClick={() => onLeave(site)}
              >
                {say.disconnect}
              </button>
            </span>
          ),
        },
      ]}
    />
  );
}

function Disconnect({
  site,
  onYes,
  onClose,
}: {
  readonly site: Site;
  readonly onYes: (site: Site) => void;
  readonly onClose: () => void;
}) {
  const say = words.value;
  return (
    <Dialog
      title={say.disconnectTitle}
      onClose={onClose}
      onSubmit={() => onYes(site)}
      foot={
        <>
          <button type="button" class="button" onClick={onClose}>
            {say.cancel}
          </button>
          <button type="submit" class="button danger">
            {say.disconnect}
          </button>
        </>
      }
    >
      <OriginText origin={site.origin} />
      <p>{say.disconnectHint}</p>
    </Dialog>
  );
}

/** How a page of one's own gets to this wallet. */
function ForSites() {
  const say = words.value;
  const node = addressOf("") === "" ? location.origin : addressOf("");
  return (
    <section class="card">
      <h2>{say.forSites}</h2>
      <p class="small quiet">{say.forSitesHint}</p>
      <div class="row">
        <Icon name="plug" />
        <HashText
          text={`<script src="${node}/provider.js"></script>`}
          name={say.scriptTag}
          isWhole
        />
      </div>
    </section>
  );
}
