import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { place } from "../browser/connection.ts";
import { EarningsPage } from "../earnings/earnings-page.tsx";
import { FeedsPage } from "../feeds/feeds-page.tsx";
import { LogPage } from "../log/log-page.tsx";
import { NoticeList } from "../parts/notice-list.tsx";
import { RewardsPage } from "../rewards/rewards-page.tsx";
import { SettingsPage } from "../settings/settings-page.tsx";
import { PopUp, SiteRequests } from "../sites/site-requests.tsx";
import { SitesPage } from "../sites/sites-page.tsx";
import { SpeedPage } from "../speed/speed-page.tsx";
import { GuidePage } from "../start/guide-page.tsx";
import { isGuideWanted } from "../start/guide-state.ts";
import { startLive } from "../state/live.ts";
import { route } from "../state/route.ts";
import { isPopUp } from "../state/pop-up.ts";
import { may, refreshSession, scopes, session } from "../state/session.ts";
import { TorrentPage } from "../torrent/torrent-page.tsx";
import { TorrentsPage } from "../torrents/torrents-page.tsx";
import { TradingPage } from "../trading/trading-page.tsx";
import { WalletPage } from "../wallet/wallet-page.tsx";
import { words } from "../words/words.ts";
import { ConnectPage } from "./connect-page.tsx";
import { Sidebar } from "./sidebar.tsx";
import { SignInPage } from "./sign-in-page.tsx";
import { StatusBar } from "./status-bar.tsx";

/** The whole page: who is not let in yet sees why; the others see the daemon. */
export function App() {
  useEffect(
    () =>
      effect(() => {
        void place.value;
        void refreshSession();
      }),
    [],
  );
  const isIn = may("read");
  // A stream tells what its caller was allowed when it began.
  useEffect(() => (isIn ? startLive() : undefined), [scopes.value.join(), place.value]);
  useEffect(() => {
    document.title = `${words.value.titles[route.value[0] ?? ""] ?? words.value.torrents} · Shoal`;
  });
  return (
    <>
      <Inside isIn={isIn} />
      <NoticeList />
    </>
  );
}

function Inside({ isIn }: { readonly isIn: boolean }) {
  if (session.value === "silent" || route.value[0] === "connect") return <ConnectPage />;
  if (session.value === "unknown") return <p class="centered quiet">{words.value.loading}</p>;
  if (!isIn) return <SignInPage />;
  if (isPopUp) return <PopUp />;
  if (isGuideWanted.value || route.value[0] === "start") return <GuidePage />;
  return (
    <div class="shell">
      <a class="button skip" href="#main" onClick={skip}>
        {words.value.skipToContent}
      </a>
      <Sidebar />
      <main class="main" id="main" tabIndex={-1}>
        <Screen />
      </main>
      <StatusBar />
      <SiteRequests />
    </div>
  );
}

/** The address says which screen is shown, so the link may not change it. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Screen() {
  const [screen = "torrents", first, second = ""] = route.value;
  switch (screen) {
    case "speed":
      return <SpeedPage />;
    case "feeds":
      return <FeedsPage />;
    case "wallet":
      return <WalletPage />;
    case "earnings":
      return <EarningsPage />;
    case "trading":
      return <TradingPage />;
    case "rewards":
      return <RewardsPage />;
    case "sites":
      return <SitesPage />;
    case "settings":
      return <SettingsPage section={first ?? ""} />;
    case "log":
      return <LogPage />;
    default:
      return first === undefined ? <TorrentsPage /> : <TorrentPage infoHash={first} tab={second} />;
  }
}
