import { RpcError } from "../errors.ts";
import { RPC_CODES } from "./rpc-error.ts";

/** A log of `eth_getLogs`, as far as filters look at it. */
export interface RpcLog {
  readonly address: string;
  readonly topics: readonly string[];
}

/** Which logs are wanted: by address, and by topic at each place; null for whatever. */
export interface LogFilter {
  readonly addresses: ReadonlySet<string> | null;
  readonly topics: readonly (ReadonlySet<string> | null)[];
}

/** Addresses, and topics at one place: subscribers have every log compared with them. */
const MAX_CHOICES = 1000;
const MAX_TOPICS = 4;

/** @throws {RpcError} for what is no filter. */
export function parseLogFilter(filter: Readonly<Record<string, unknown>>): LogFilter {
  const { address, topics = [] } = filter;
  if (!Array.isArray(topics) || topics.length > MAX_TOPICS) throw invalid("topics");
  return {
    addresses: parseChoices(address, 42, "address"),
    topics: (topics as readonly unknown[]).map((topic) => parseChoices(topic, 66, "topics")),
  };
}

export function matchesLog(log: RpcLog, { addresses, topics }: LogFilter): boolean {
  if (addresses !== null && !addresses.has(log.address)) return false;
  return topics.every((choices, place) => {
    const topic = log.topics[place];
    return topic !== undefined && (choices === null || choices.has(topic));
  });
}

function parseChoices(value: unknown, length: number, what: string): ReadonlySet<string> | null {
  if (value === undefined || value === null) return null;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MAX_CHOICES) throw invalid(what);
  // None of an empty list means whatever, as elsewhere.
  if (list.length === 0) return null;
  return new Set(
    list.map((choice) => {
      if (typeof choice === "string" && choice.length === length && /^0x[0-9a-f]+$/i.test(choice)) {
        return choice.toLowerCase();
      }
      throw invalid(what);
    }),
  );
}

function invalid(what: string): RpcError {
  return new RpcError(RPC_CODES.invalidParams, `the filter's ${what} cannot be read`);
}
