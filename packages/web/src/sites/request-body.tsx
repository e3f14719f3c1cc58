import { format } from "../format/format.ts";
import { visibleText } from "../format/visible-text.ts";
import type { SiteRequest } from "../state/site-requests.ts";
import { words } from "../words/words.ts";

type Transaction = NonNullable<SiteRequest["transaction"]>;

/** Texts that are read as texts, over the whole width. */
const LONG: ReadonlySet<string> = new Set(["text", "bytes", "data", "statement", "argument"]);

/** What is in the box above already, where there is a transaction. */
const IN_THE_BOX: ReadonlySet<string> = new Set(["contract", "function"]);

/** What will be signed, line by line: every word of a site's is text, and shows what is in it. */
export function RequestLines({ request }: { readonly request: SiteRequest }) {
  const say = words.value;
  const lines = joinTexts(
    request.lines.filter(({ label }) => request.transaction === null || !IN_THE_BOX.has(label)),
  );
  if (lines.length === 0) return null;
  return (
    <dl class="lines">
      {lines.map(({ label, value }, index) => (
        <div key={index} class={LONG.has(label) ? "long" : ""}>
          <dt>{say.siteLabels[label]}</dt>
          <dd dir="auto" tabIndex={LONG.has(label) ? 0 : undefined}>
            {visibleText(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The lines of one text are read as one text. */
function joinTexts(lines: SiteRequest["lines"]): SiteRequest["lines"] {
  const joined: SiteRequest["lines"] = [];
  for (const line of lines) {
    const last = joined.at(-1);
    if (line.label === "text" && last?.label === "text") {
      joined[joined.length - 1] = { label: "text", value: `${last.value}\n${line.value}` };
    } else joined.push(line);
  }
  return joined;
}

/** Whom a transaction calls or pays, what it moves, and what it costs. */
export function Payment({
  transaction,
  own,
}: {
  readonly transaction: Transaction;
  readonly own: string | null;
}) {
  const say = words.value;
  const { amount } = format.value;
  const { to, toName, wei, symbol, decimals, moves } = transaction;
  const { feeWei, maxFeeWei, feeSymbol, feeDecimals } = transaction;
  const isOwn = (address: string): boolean => address.toLowerCase() === own?.toLowerCase();
  return (
    <>
      <div class="recipient">
        <span class="label">
          {transaction.function === null ? say.recipient : say.contractCalled}
        </span>
        {toName !== null && (
          <b>
            <bdi>{visibleText(toName)}</bdi>
          </b>
        )}
        <code>{to ?? say.newContract}</code>
        {transaction.function !== null && (
          <span class="wrap-anywhere">
            <span class="quiet">{say.siteLabels.function}: </span>
            <code class="small">{visibleText(transaction.function)}</code>
          </span>
        )}
      </div>
      <dl class="costs">
        {wei !== "0" && (
          <>
            <dt>{say.amount}</dt>
            <dd>
              {amount(wei, decimals, 18)} <bdi>{visibleText(symbol)}</bdi>
            </dd>
          </>
        )}
        {moves?.map((move, index) => (
          <Move key={index} move={move} isOut={isOwn(move.from)} isIn={isOwn(move.to)} />
        ))}
        <dt>{say.feeProbably}</dt>
        <dd>
          {amount(feeWei, feeDecimals, 9)} {feeSymbol}
        </dd>
        <dt>{say.feeAtMost}</dt>
        <dd>
          {amount(maxFeeWei, feeDecimals, 9)} {feeSymbol}
        </dd>
      </dl>
      {moves === null && <p class="callout warn">{say.movesUnknown}</p>}
    </>
  );
}

/** The bytes themselves, for those who read them. */
export function CallData({ transaction }: { readonly transaction: Transaction }) {
  const say = words.value;
  const { data, dataBytes } = transaction;
  if (data === "0x") return null;
  return (
    <details class="small">
      <summary>{say.callData(format.value.number(dataBytes))}</summary>
      <code class="wrap-anywhere">{data}</code>
    </details>
  );
}

function Move({
  move,
  isOut,
  isIn,
}: {
  readonly move: NonNullable<Transaction["moves"]>[number];
  readonly isOut: boolean;
  readonly isIn: boolean;
}) {
  const say = words.value;
  const { symbol, decimals, wei, from, to } = move;
  const sign = isOut ? "−" : isIn ? "+" : "";
  return (
    <>
      <dt>
        {isOut ? say.movesOut : isIn ? say.movesIn : say.movesOther}
        <br />
        <code class="small quiet wrap-anywhere">
          {isOut ? to : isIn ? from : `${from} → ${to}`}
        </code>
      </dt>
      <dd class={isIn && !isOut ? "good" : ""}>
        {sign}
        {format.value.amount(wei, decimals, 18)} <bdi>{visibleText(symbol)}</bdi>
      </dd>
    </>
  );
}
