import { ChainError, RevertError } from "../errors.ts";
import { type Address, toAddress } from "../network/address.ts";
import type { Denomination } from "../network/network-info.ts";
import type { Network } from "../network/network.ts";
import type { AssetMove, Intent, PreparedTransaction, Simulation } from "../network/transaction.ts";
import { checkRecipient, type KnownAddress, type RecipientWarning } from "./check-recipient.ts";
import { showAddress, showAmount, tokenAt, warnOfLeave } from "./describe-permits.ts";
import { type ReadCall, readCall } from "./read-call.ts";
import { cutLines, type SigningLine, type SigningWarning } from "./signing-lines.ts";

export interface TransactionRequest {
  readonly from: Address;
  readonly intent: Intent;
  readonly known: readonly KnownAddress[];
  /** What somebody says that it takes to execute; found out when absent. */
  readonly gasLimit?: bigint;
}

/** A movement, with how its amount is written; null where nobody says. */
export interface PlannedMove extends AssetMove {
  readonly denomination: Denomination | null;
}

/** Everything that somebody has to see before he signs a transaction that another has thought up. */
export interface TransactionPlan {
  readonly intent: Intent;
  /** What it is to be sent with; absent where that is found out. */
  readonly gasLimit?: bigint;
  readonly prepared: PreparedTransaction;
  /** Such as `approve`, or `BandwidthChannels.deposit`; null where it is not known, or nothing is called. */
  readonly functionName: string | null;
  readonly moves: readonly PlannedMove[] | null;
  readonly lines: readonly SigningLine[];
  readonly warnings: readonly (SigningWarning | RecipientWarning)[];
}

/** What one that fails is given where nobody says how much it takes: enough to show what it would cost at the most. */
const GAS_OF_FAILING = 500_000n;

/**
 * Finds out what a transaction would do, signing nothing.
 * @throws {ChainError} `insufficient-funds`; `refused` for recipients who could never spend what they get.
 */
export async function planTransaction(
  network: Network,
  request: TransactionRequest,
): Promise<TransactionPlan> {
  const { from, intent } = request;
  const simulation = await network.simulate(intent, from);
  if (!simulation.ok && simulation.code === "insufficient-funds") {
    throw new ChainError("insufficient-funds", `There is not enough for it: ${simulation.reason}.`);
  }
  const { lines, warnings, functionName } = await describe(network, request);
  const gasLimit = gasFor(simulation, request.gasLimit);
  const options = { from, ...(gasLimit !== undefined && { gasLimit }) };
  const prepared = await network.prepare(intent, options);
  const fails: SigningWarning[] = simulation.ok
    ? []
    : [{ code: "fails", isGrave: true, message: failure(simulation) }];
  const moves = simulation.ok && simulation.moves !== null ? simulation.moves : null;
  return {
    ...{ intent, prepared, functionName },
    ...(gasLimit !== undefined && { gasLimit }),
    moves:
      moves === null ? null : await Promise.all(moves.map((move) => denominate(network, move))),
    ...{ lines, warnings: [...fails, ...warnings] },
  };
}

/** Whoever asks may know better than an estimate what it takes; too little is not listened to. */
function gasFor(simulation: Simulation, asked: bigint | undefined): bigint | undefined {
  if (!simulation.ok) return asked ?? GAS_OF_FAILING;
  return asked !== undefined && asked >= simulation.gas ? asked : undefined;
}

function failure(simulation: Extract<Simulation, { ok: false }>): string {
  const { message } = new RevertError(simulation.reason, simulation.data);
  return `This would fail as things are, and cost its fee all the same. ${message}`;
}

async function denominate(network: Network, move: AssetMove): Promise<PlannedMove> {
  const { asset } = move;
  const denomination =
    asset.kind === "coin" ? network.info.coin : await tokenAt(network, asset.address);
  return { ...move, denomination };
}

interface Told {
  readonly functionName: string | null;
  readonly lines: readonly SigningLine[];
  readonly warnings: readonly (SigningWarning | RecipientWarning)[];
}

async function describe(network: Network, request: TransactionRequest): Promise<Told> {
  const { intent, from, known } = request;
  if (intent.kind === "deploy") {
    const message = "This puts a contract on the chain, whose code nobody has looked at here.";
    return {
      functionName: null,
      lines: [{ label: "bytes", value: `${(intent.code.length - 2) / 2}` }],
      warnings: [{ code: "deploys", isGrave: false, message }],
    };
  }
  const { to } = intent;
  const recipient: SigningLine = { label: "to", value: showAddress(network, to, known) };
  if (intent.kind === "transfer") {
    const asset = { kind: "coin" } as const;
    const warnings = await checkRecipient(network, from, to, asset, known);
    return { functionName: null, lines: [recipient], warnings };
  }
  const contract: SigningLine = { ...recipient, label: "contract" };
  const call = readCall(network, intent);
  if (call === null) {
    const message =
      "What this call does is not known here: it can do whatever the contract can with this account. " +
      "Go on only where you trust the site with that.";
    return {
      functionName: null,
      lines: [contract],
      warnings: [{ code: "unknown-call", isGrave: true, message }],
    };
  }
  const { contractName, functionName, shown } = call;
  const name = contractName === null ? functionName : `${contractName}.${functionName}`;
  const effect = await describeEffect(network, request, to, call);
  const { lines, warnings } = cutLines(
    [
      contract,
      { label: "function", value: name },
      ...(effect.lines.length > 0
        ? effect.lines
        : shown.map(
            (each) => ({ label: "argument", value: `${each.name}: ${each.value}` }) as const,
          )),
    ],
    "argument",
  );
  return { functionName: name, lines, warnings: [...effect.warnings, ...warnings] };
}

type Effect = Pick<Told, "lines" | "warnings">;

/** What functions of tokens do, in the token's own units. */
async function describeEffect(
  network: Network,
  { from, known }: TransactionRequest,
  token: Address,
  { functionName, values }: ReadCall,
): Promise<Effect> {
  const addressIn = (name: string): Address => toAddress(String(values[name]));
  const who = (name: string): string => showAddress(network, addressIn(name), known);
  const { to } = values;
  const amount = values["amount"] ?? values["addedValue"];
  switch (functionName) {
    case "transfer":
    case "transferFrom": {
      if (typeof amount !== "bigint" || typeof to !== "string") break;
      const denomination = await tokenAt(network, token);
      const asset = { kind: "token", address: token } as const;
      const receiver = toAddress(to);
      return {
        lines: [
          ...(functionName === "transferFrom"
            ? [{ label: "owner", value: who("from") } as const]
            : []),
          { label: "to", value: showAddress(network, receiver, known) },
          { label: "amount", value: showAmount(amount, denomination) },
        ],
        warnings: await checkRecipient(network, from, receiver, asset, known),
      };
    }
    case "approve":
    case "increaseAllowance": {
      if (typeof amount !== "bigint" || values["token"] !== undefined) break;
      const denomination = await tokenAt(network, token);
      const spender = who("spender");
      return {
        lines: [
          { label: "spender", value: spender },
          { label: "amount", value: showAmount(amount, denomination) },
        ],
        warnings: amount === 0n ? [] : [warnOfLeave(amount, denomination, spender)],
      };
    }
    case "setApprovalForAll": {
      if (values["approved"] !== true) break;
      const message = `${who("operator")} could take all tokens that you have in this contract, now and later.`;
      return { lines: [], warnings: [{ code: "all-tokens", isGrave: true, message }] };
    }
    default:
      break;
  }
  return { lines: [], warnings: await warnOfPermit2(network, functionName, values, known) };
}

/** `approve` of Permit2 names the token beside the spender. */
async function warnOfPermit2(
  network: Network,
  functionName: string,
  values: ReadCall["values"],
  known: readonly KnownAddress[],
): Promise<SigningWarning[]> {
  const { token, spender, amount } = values;
  if (functionName !== "approve" || typeof token !== "string") return [];
  if (typeof amount !== "bigint" || amount === 0n) return [];
  const who = showAddress(network, toAddress(String(spender)), known);
  return [warnOfLeave(amount, await tokenAt(network, toAddress(token)), who)];
}
