import { useEffect } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { isPopUp } from "../state/pop-up.ts";
import { may } from "../state/session.ts";
import { siteRequests, urgentRequests } from "../state/site-requests.ts";
import { words } from "../words/words.ts";
import { RequestDialog } from "./request-dialog.tsx";

/** What sites ask for, over whatever screen the user is on: the oldest first. */
export function SiteRequests() {
  const waiting = urgentRequests.value;
  const [first] = waiting;
  if (first === undefined || isPopUp) return null;
  return <RequestDialog key={first.id} request={first} waiting={waiting} />;
}

/** The small window that a site has opened. It closes itself when nothing is left to answer. */
export function PopUp() {
  const say = words.value;
  const waiting = siteRequests.value;
  const isDone = waiting !== null && waiting.length === 0;
  useEffect(() => {
    if (isDone) window.close();
  }, [isDone]);
  const [first] = waiting ?? [];
  return (
    <main class="pop-up" id="main">
      {first !== undefined && waiting !== null ? (
        <RequestDialog key={first.id} request={first} waiting={waiting} />
      ) : (
        <div class="empty">
          <Icon name={may("wallet") ? "check" : "lock"} />
          <h1>{may("wallet") ? (isDone ? say.nothingWaits : say.loading) : say.sitesNeedWallet}</h1>
          {isDone && <p class="quiet">{say.closeThis}</p>}
          {!may("wallet") && (
            <a class="button primary" href="./" target="_blank" rel="noreferrer">
              {say.openShoal}
            </a>
          )}
        </div>
      )}
    </main>
  );
}
