import { RpcError } from "../errors.ts";
import { type Address, type Hex, toAddress } from "../network/address.ts";
import type { AssetMove, Intent } from "../network/transaction.ts";
import type { Endpoints } from "../rpc/endpoints.ts";
import { tronAddressHex } from "./address.ts";
import { readFields, readTronTrial, textOfHex, type TronTrial } from "./read-node.ts";

/** Keccak-256 of `Transfer(address,address,uint256)`. */
export const TRANSFER_TOPIC = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
const NO_CONTRACT = /smart contract is not exist/i;
/** JSON-RPC's code for a call that reverted. */
const REVERTED = 3;

/**
 * Executes a call or deployment without a transaction.
 * @throws {RpcError} as JSON-RPC has it, when the contract refuses.
 */
export async function runTrial(
  endpoints: Endpoints,
  intent: Exclude<Intent, { kind: "transfer" }>,
  from: Address,
): Promise<TronTrial> {
  const request = {
    owner_address: tronAddressHex(from),
    call_value: Number(intent.amount ?? 0n),
    ...(intent.kind === "call"
      ? { contract_address: tronAddressHex(intent.to), data: intent.data.slice(2) }
      : { data: intent.code.slice(2) }),
  };
  const trial = readTronTrial(await endpoints.ask("wallet/triggerconstantcontract", [request]));
  if (!trial.isSuccess) throw revertOf(trial);
  return trial;
}

/**
 * What a call returns.
 * @returns `0x` where there is no contract.
 * @throws {RpcError} when the contract refuses.
 */
export function tryCall(answer: unknown): Hex {
  const { message } = readFields(readFields(answer, "trial")["result"] ?? {}, "trial's result");
  if (NO_CONTRACT.test(textOfHex(message))) return "0x";
  const trial = readTronTrial(answer);
  if (!trial.isSuccess) throw revertOf(trial);
  return trial.output;
}

/** What moves: the coin that goes along, and what tokens wrote down. */
export function movesOfTrial(
  intent: Intent,
  from: Address,
  logs: TronTrial["logs"],
): readonly AssetMove[] {
  const amount = intent.amount ?? 0n;
  const coin: AssetMove[] =
    amount > 0n && intent.kind !== "deploy"
      ? [{ asset: { kind: "coin" }, from, to: intent.to, amount }]
      : [];
  const tokens = logs.flatMap(({ address, topics, data }): AssetMove[] => {
    const [topic, sender, receiver, more] = topics.map((each) => `0x${each.slice(2)}`);
    if (topic !== TRANSFER_TOPIC || sender === undefined || receiver === undefined) return [];
    if (more !== undefined || data.length !== 66) return [];
    return [
      {
        asset: { kind: "token", address },
        from: toAddress(`0x${sender.slice(-40)}`),
        to: toAddress(`0x${receiver.slice(-40)}`),
        amount: BigInt(data),
      },
    ];
  });
  return [...coin, ...tokens];
}

function revertOf({ message, output }: TronTrial): RpcError {
  return new RpcError(REVERTED, `reverted: ${message}`, output);
}
