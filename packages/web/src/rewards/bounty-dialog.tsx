import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { parseAmount } from "../format/parse-amount.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Field, TextField } from "../parts/field.tsx";
import { Problem } from "../parts/problem.tsx";
import { allTorrents } from "../state/live.ts";
import { describeError, tell } from "../state/notices.ts";
import { words } from "../words/words.ts";

const OFFERED_TORRENTS = 200;

/** Makes a bounty; its whole cost is named before it is paid. */
export function BountyDialog({ onClose }: { readonly onClose: () => void }) {
  const say = words.value;
  const infoHash = useSignal("");
  const perDay = useSignal("1");
  const seeders = useSignal("5");
  const days = useSignal("30");
  const auditor = useSignal("");
  const isSure = useSignal(false);
  const problem = useSignal<string | null>(null);
  const perDayWei = parseAmount(perDay.value);
  const maximumSeeders = Number(seeders.value);
  const dayCount = Number(days.value);
  const isRight =
    perDayWei !== null &&
    perDayWei > 0n &&
    Number.isInteger(maximumSeeders) &&
    maximumSeeders >= 1 &&
    Number.isInteger(dayCount) &&
    dayCount >= 1 &&
    infoHash.value !== "" &&
    auditor.value.trim() !== "";
  const cost = isRight ? perDayWei * BigInt(dayCount) : 0n;
  const make = async (): Promise<void> => {
    if (!isRight) return;
    if (!isSure.value) {
      isSure.value = true;
      return;
    }
    problem.value = null;
    try {
      const { summary } = await api.call("createBounty", {
        infoHash: infoHash.value,
        perDayWei: perDayWei.toString(),
        perSeederWei: (perDayWei / BigInt(maximumSeeders)).toString(),
        maximumSeeders,
        days: dayCount,
        auditors: [auditor.value.trim()],
        threshold: 1,
      });
      tell(say.summaries[summary]);
      onClose();
    } catch (error) {
      problem.value = describeError(error);
      isSure.value = false;
    }
  };
  const field = (label: string, signal: { value: string }, hint = "") => (
    <TextField
      label={label}
      hint={hint}
      required
      value={signal.value}
      onValue={(value) => {
        signal.value = value;
        isSure.value = false;
      }}
    />
  );
  return (
    <Dialog
      title={say.makeBounty}
      onClose={onClose}
      onSubmit={() => void make()}
      foot={
        <>
          <button type="button" class="button" onClick={onClose}>
            {say.cancel}
          </button>
          <button type="submit" class="button primary" disabled={!isRight}>
            {isSure.value ? say.payThis(`${format.value.amount(cost)} BTT`) : say.review}
          </button>
        </>
      }
    >
      <Field label={say.torrent}>
        {(tie) => (
          <select
            {...tie}
            value={infoHash.value}
            onChange={(event) => {
              infoHash.value = event.currentTarget.value;
            }}
          >
            <option value="">–</option>
            {allTorrents.value.slice(0, OFFERED_TORRENTS).map((torrent) => (
              <option key={torrent.infoHash} value={torrent.infoHash}>
                {torrent.name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div class="cards">
        {field(say.perDay, perDay, "BTT")}
        {field(say.days, days)}
        {field(say.maximumSeeders, seeders)}
      </div>
      {field(say.auditor, auditor, say.auditorHint)}
      {isRight && <p class="callout">{say.bountyCost(`${format.value.amount(cost)} BTT`)}</p>}
      <Problem text={problem.value} />
    </Dialog>
  );
}
