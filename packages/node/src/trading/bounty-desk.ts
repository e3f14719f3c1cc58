import type { Intent } from "@shoal/chain";
import type { Answer, Input } from "@shoal/api";
import { BountiesContract, type Bounty, DAY_SECONDS } from "@shoal/speed";
import { NodeError } from "../errors.ts";
import { sendAll } from "./send-all.ts";
import type { TradingDesk } from "./trading-desk.ts";

const DAY_MS = DAY_SECONDS * 1000;
const LISTED = 200;

/** Bounties on the network that trades; none where their contract is not. @throws {ChainError} */
export async function listBounties(desk: TradingDesk): Promise<Answer<"listBounties">> {
  const contract = findContract(desk);
  if (contract === null) return { bounties: [] };
  const found = await contract.list({ limit: LISTED, fromBlock: 0 });
  return { bounties: found.map((bounty) => describeBounty(desk, bounty)) };
}

/** @throws {NodeError} `unavailable` where the contract is not; {ChainError}. */
export async function createBounty(
  desk: TradingDesk,
  input: Input<"createBounty">,
  nowMs: number,
  signal: AbortSignal,
): Promise<Answer<"createBounty">> {
  const contract = findContract(desk);
  const { network } = desk.opened;
  if (contract === null) {
    throw new NodeError(
      "unavailable",
      `Where bounties are on ${network.info.title} is not known.`,
      {
        reason: "no-bounties",
        values: { network: network.info.title },
      },
    );
  }
  const signer = desk.assertCanSign();
  const startDay = Math.floor(nowMs / DAY_MS);
  const amount = BigInt(input.perDayWei) * BigInt(input.days);
  const accounts = input.auditors.map((each) => network.parseAddress(each)).toSorted();
  if (input.threshold > accounts.length) {
    throw new NodeError("bad-request", "More auditors have to agree than there are.", {
      reason: "too-few-auditors",
    });
  }
  const torrent = input.infoHash.padEnd(64, "0");
  const terms = {
    torrent,
    perDayWei: BigInt(input.perDayWei),
    perSeederWei: BigInt(input.perSeederWei),
    maximumSeeders: input.maximumSeeders,
    startDay,
    endDay: startDay + input.days,
    auditorsHash: await contract.auditorsHash({ accounts, threshold: input.threshold }),
  };
  const intents: Intent[] = [await contract.allow(amount), contract.fund(terms, amount)];
  const transactions = await sendAll(desk.opened, signer, intents, signal);
  const mine = await contract.list({ torrent, limit: 20, fromBlock: 0 });
  const bounty = mine.find(({ funder }) => funder === signer.address);
  return {
    transactions,
    summary: "funded",
    id: bounty === undefined ? null : String(bounty.id),
    startsAtMs: startDay * DAY_MS,
    transactionId: transactions.at(-1) ?? null,
  };
}

function findContract({ opened }: TradingDesk): BountiesContract | null {
  const address = opened.network.info.contracts["SeedBounties"];
  return address === undefined ? null : new BountiesContract(opened.network, address);
}

function describeBounty({ opened, slot }: TradingDesk, bounty: Bounty) {
  return {
    id: String(bounty.id),
    infoHash: bounty.torrent.replace(/^0x/, "").replace(/(?<=^.{40})0{24}$/, ""),
    remainingWei: String(bounty.potWei),
    perDayWei: String(bounty.perDayWei),
    startsAtMs: bounty.startDay * DAY_MS,
    endsAtMs: bounty.endDay * DAY_MS,
    owner: opened.network.formatAddress(bounty.funder),
    isOwn: bounty.funder === slot.address,
  };
}
