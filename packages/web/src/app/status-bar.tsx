import { format } from "../format/format.ts";
import { Icon } from "../parts/icon.tsx";
import { streamState, transfer } from "../state/live.ts";
import { hrefTo } from "../state/route.ts";
import { node } from "../state/session.ts";
import { words } from "../words/words.ts";

/** What the session does at this moment, on every screen. */
export function StatusBar() {
  const say = words.value;
  const now = transfer.value;
  const { bytes, rate, number } = format.value;
  const limit = (value: number | null): string => (value === null ? "" : ` / ${rate(value)}`);
  return (
    <footer class="status" aria-label={say.status}>
      {streamState.value !== "open" && (
        <span class="bad" role="status">
          <Icon name="plug" />
          {streamState.value === "lost" ? say.connectionLost : say.connecting}
        </span>
      )}
      {now !== null && (
        <>
          <a class="down button link" href={hrefTo("speed")} aria-label={say.downloadNow}>
            <Icon name="down" />
            {rate(now.downloadRate)}
            {limit(now.downloadLimit)}
          </a>
          <a class="up button link" href={hrefTo("speed")} aria-label={say.uploadNow}>
            <Icon name="up" />
            {rate(now.uploadRate)}
            {limit(now.uploadLimit)}
          </a>
          <span>
            <Icon name="users" />
            {say.peersCount(number(now.peers))}
          </span>
          {now.dhtNodes !== null && (
            <span>
              <Icon name="network" />
              {say.dhtNodes(number(now.dhtNodes))}
            </span>
          )}
          {now.freeDiskBytes !== null && (
            <span>
              <Icon name="disk" />
              {say.diskFree(bytes(now.freeDiskBytes))}
            </span>
          )}
        </>
      )}
      <span class="grow" />
      {node.value?.chain?.isPlayMoney === true && <span class="warn">{say.playMoneyChain}</span>}
    </footer>
  );
}
