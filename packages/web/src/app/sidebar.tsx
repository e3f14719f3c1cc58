import { Icon, type IconName } from "../parts/icon.tsx";
import { Choices } from "../settings/choices.tsx";
import { hrefTo, route } from "../state/route.ts";
import { may } from "../state/session.ts";
import { siteRequests } from "../state/site-requests.ts";
import { type Catalogue, words } from "../words/words.ts";

/** Written out for the bundler, which puts the picture's address here. */
const logo = new URL("../style/shoal.svg", import.meta.url).href;

interface Entry {
  readonly id: string;
  readonly icon: IconName;
  readonly text: (words: Catalogue) => string;
  /** How much waits there for the user. */
  readonly count?: () => number;
}

const waitingCount = (): number => siteRequests.value?.length ?? 0;

const TRANSFERS: readonly Entry[] = [
  { id: "torrents", icon: "list", text: ({ torrents }) => torrents },
  { id: "speed", icon: "speed", text: ({ speed }) => speed },
  { id: "feeds", icon: "log", text: ({ feeds }) => feeds },
];
const MONEY: readonly Entry[] = [
  { id: "wallet", icon: "wallet", text: ({ wallet }) => wallet },
  { id: "earnings", icon: "chart", text: ({ earnings }) => earnings },
  { id: "trading", icon: "trade", text: ({ trading }) => trading },
  { id: "rewards", icon: "star", text: ({ rewards }) => rewards },
  { id: "sites", icon: "globe", text: ({ sites }) => sites, count: waitingCount },
];
const NODE: readonly Entry[] = [
  { id: "settings", icon: "gear", text: ({ settings }) => settings },
  { id: "log", icon: "log", text: ({ log }) => log },
];

/** The ways to every screen. */
export function Sidebar() {
  const say = words.value;
  return (
    <aside class="side">
      <a class="brand" href={hrefTo("torrents")}>
        <img src={logo} alt="" />
        Shoal
      </a>
      <nav aria-label={say.screens}>
        <Group name={say.transfers} entries={TRANSFERS} />
        {may("wallet") && <Group name={say.money} entries={MONEY} />}
        <Group name={say.thisNode} entries={NODE} />
      </nav>
      <div class="side-foot">
        <Choices />
      </div>
    </aside>
  );
}

function Group({ name, entries }: { readonly name: string; readonly entries: readonly Entry[] }) {
  const current = route.value[0] ?? "torrents";
  return (
    <>
      <p class="side-head">{name}</p>
      <ul>
        {entries.map(({ id, icon, text, count }) => (
          <li key={id}>
            <a
              class="side-link"
              href={hrefTo(id)}
              aria-current={current === id ? "page" : undefined}
            >
              <Icon name={icon} />
              <span>{text(words.value)}</span>
              {(count?.() ?? 0) > 0 && <span class="badge">{count?.()}</span>}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
