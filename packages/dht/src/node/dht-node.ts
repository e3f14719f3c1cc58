import {
  type AddressFamily,
  decodeKrpc,
  encodeKrpcFailure,
  encodeKrpcQuery,
  encodeKrpcResponse,
  isKrpcDatagram,
  isPublicAddress,
  KRPC_ERROR,
  KrpcError,
  type KrpcFailure,
  type KrpcMessage,
  type KrpcQuery,
  type KrpcRequest,
  type KrpcResponse,
  ProtocolError,
  type Want,
} from "@shoal/protocol";
import type { Clock, Endpoint, Random } from "@shoal/runtime";
import type { LookupNode } from "../lookup/lookup.ts";
import { createNodeId, isSecureId } from "../node-id/secure-id.ts";
import type { NodeInfo } from "../routing/contact.ts";
import { K, RoutingTable } from "../routing/routing-table.ts";
import { AnswerBudget } from "../rpc/answer-budget.ts";
import { createCounters, type DhtCounters } from "../rpc/counters.ts";
import { ExternalAddress } from "../rpc/external-address.ts";
import { SourceLimiter } from "../rpc/source-limiter.ts";
import { type QueryHandlers, Transactions } from "../rpc/transactions.ts";
import type { ItemStore } from "../server/item-store.ts";
import type { PeerStore } from "../server/peer-store.ts";
import { answerQuery, type QueryServerParts } from "../server/query-server.ts";
import { Tokens } from "../server/tokens.ts";
import type { DatagramPort } from "./datagram-port.ts";

/** Shoal, first version: what other clients' developers see. */
const VERSION = Uint8Array.of(0x53, 0x48, 0x00, 0x01);
/** Nodes being asked whether they are there, besides look-ups. */
const MAX_VERIFICATIONS = 8;
/** A family with fewer nodes than this asks the other one's for some (BEP 32). */
const FEW_NODES = 4 * K;

export interface DhtNodeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly port: DatagramPort;
  readonly peers: PeerStore;
  readonly items: ItemStore;
  readonly isReadOnly: boolean;
  /** From an earlier run. */
  readonly id?: Uint8Array | undefined;
  readonly externalAddress?: string | null | undefined;
  /** The nodes of another family closest to a target. */
  closestOf(family: AddressFamily, target: Uint8Array): readonly NodeInfo[];
  /** Whether nodes of the other family are wanted. */
  lacksOther(family: AddressFamily): boolean;
  /** Nodes of another family were told of. */
  onOther(family: AddressFamily, nodes: readonly NodeInfo[]): void;
  /** The node has another ID and knows hardly anybody near it. */
  onNewId(): void;
}

/**
 * One node of the DHT: one address, one ID, one routing table. It sends queries and gets their answers,
 * answers those of others, and keeps the table by what it hears.
 */
export class DhtNode implements LookupNode {
  readonly family: AddressFamily;
  readonly counters: DhtCounters = createCounters();
  readonly #options: DhtNodeOptions;
  readonly #transactions: Transactions;
  readonly #limiter = new SourceLimiter();
  readonly #budget: AnswerBudget;
  readonly #external: ExternalAddress;
  readonly #server: QueryServerParts;
  #table: RoutingTable;
  #verifications = 0;
  #lastAnswerMs = -Infinity;

  constructor(options: DhtNodeOptions) {
    const { clock, random, port, peers, items } = options;
    this.#options = options;
    this.family = port.local.address.includes(":") ? 6 : 4;
    const seen = isPublicAddress(port.local.address) ? port.local.address : null;
    this.#external = new ExternalAddress(seen ?? options.externalAddress ?? null);
    const { address } = this.#external;
    const { id } = options;
    const isUsable = id !== undefined && (address === null || isSecureId(id, address));
    this.#table = new RoutingTable(isUsable ? id : createNodeId(address, random));
    this.#transactions = new Transactions(clock, random);
    this.#budget = new AnswerBudget(clock.monotonicMs());
    this.#server = {
      clock,
      peers,
      items,
      tokens: new Tokens(clock, random),
      counters: this.counters,
      family: this.family,
      ownId: () => this.id,
      closest: (target, family) =>
        family === this.family ? this.closest(target, K) : options.closestOf(family, target),
    };
  }

  get id(): Uint8Array {
    return this.#table.ownId;
  }

  get table(): RoutingTable {
    return this.#table;
  }

  get local(): Endpoint {
    return this.#options.port.local;
  }

  /** The address that others see; null as long as too few have said it. */
  get externalAddress(): string | null {
    return this.#external.address;
  }

  /** Queries that wait for their answers. */
  get openQueries(): number {
    return this.#transactions.size;
  }

  /** Sources that the rate limit remembers. */
  get rememberedSources(): number {
    return this.#limiter.size;
  }

  closest(target: Uint8Array, count: number): readonly NodeInfo[] {
    return this.#table.closest(target, count);
  }

  nodesOf({ answer }: KrpcResponse): readonly NodeInfo[] {
    return (this.family === 4 ? answer.nodes4 : answer.nodes6) ?? [];
  }

  /** Which nodes answers should hold: those of the other family too while it lacks some (BEP 32). */
  get want(): Want | null {
    return this.#options.lacksOther(this.family) ? { n4: true, n6: true } : null;
  }

  /** Takes a datagram that came to the port. Whatever the bytes are, it returns. */
  receive(datagram: Uint8Array, from: Endpoint): void {
    this.counters.received++;
    if (!isKrpcDatagram(datagram) || from.address.includes(":") !== (this.family === 6)) {
      this.#refuse(from);
      return;
    }
    let message: KrpcMessage;
    try {
      // The memory is the socket's; look-ups keep parts of what came.
      message = decodeKrpc(datagram.slice());
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const isWelcome = this.#refuse(from);
      if (error instanceof KrpcError && error.transactionId !== null && isWelcome) {
        this.#explain(error, from);
      }
      return;
    }
    if (message.kind === "query") this.#receiveQuery(message, from);
    else this.#receiveAnswer(message, from);
  }

  /** Sends a query. `done` is called exactly once, later or, when too many are open, at once. */
  query(to: Endpoint, request: KrpcRequest, handlers: QueryHandlers): void {
    const transactionId = this.#transactions.open(to, handlers, (sentMs) => {
      this.counters.timeouts++;
      // Silence counts only while others are heard: a line that is down is nobody's failure (BEP 45).
      if (this.#lastAnswerMs > sentMs) this.#table.failed(to);
    });
    if (transactionId === null) {
      handlers.done({ kind: "timeout" });
      return;
    }
    const contact = this.#table.find(to);
    if (contact !== undefined) contact.triedMs = this.#nowMs();
    const { isReadOnly } = this.#options;
    this.#send(encodeKrpcQuery({ transactionId, id: this.id, isReadOnly, request }, VERSION), to);
  }

  /** Somebody told of a node: where a place is free for it, it is asked whether it is there. */
  mention(node: NodeInfo): void {
    if (this.#verifications < MAX_VERIFICATIONS && this.#table.wants(node)) this.ping(node);
  }

  /** Asks whether a node is there; the table hears of it when it answers. */
  ping(to: Endpoint): void {
    this.#verifications++;
    const done = (): void => void this.#verifications--;
    this.query(to, { method: "ping" }, { done });
  }

  close(): void {
    this.#transactions.close();
  }

  #receiveQuery(query: KrpcQuery, from: Endpoint): void {
    if (!this.#allows(from)) return;
    // Who answers nothing stays out of tables (BEP 43).
    if (this.#options.isReadOnly) return;
    this.counters.queries++;
    const { reply, isProven } = answerQuery(this.#server, query, from);
    const bytes =
      "answer" in reply
        ? encodeKrpcResponse(
            { transactionId: query.transactionId, id: this.id, answer: reply.answer, to: from },
            VERSION,
          )
        : encodeKrpcFailure({ transactionId: query.transactionId, ...reply, to: from }, VERSION);
    this.#reply(bytes, from, isProven);
    if (query.isReadOnly) return;
    const node = { id: query.id, address: from.address, port: from.port };
    this.#table.queried(node, this.#nowMs());
    this.mention(node);
  }

  #receiveAnswer(message: KrpcResponse | KrpcFailure, from: Endpoint): void {
    const handlers = this.#transactions.take(message, from);
    if (handlers === null) {
      this.counters.unexpected++;
      this.#limiter.allows(from.address, this.#nowMs());
      return;
    }
    this.#lastAnswerMs = this.#nowMs();
    if (message.kind === "error") this.counters.failures++;
    else {
      this.counters.answers++;
      const { id, externalEndpoint, answer } = message;
      this.#table.answered({ id, address: from.address, port: from.port }, this.#lastAnswerMs);
      if (externalEndpoint !== null) this.#hearVote(from, externalEndpoint.address);
      const other = this.family === 4 ? 6 : 4;
      const nodes = this.family === 4 ? answer.nodes6 : answer.nodes4;
      if (nodes !== null && nodes.length > 0) this.#options.onOther(other, nodes);
    }
    handlers.done(message);
  }

  #hearVote(voter: Endpoint, address: string): void {
    if (address.includes(":") !== (this.family === 6)) return;
    if (!this.#external.vote(voter.address, address) || isSecureId(this.id, address)) return;
    const before = this.#table;
    this.#table = new RoutingTable(createNodeId(address, this.#options.random));
    for (const contact of before.contacts()) {
      if (contact.failures === 0) this.#table.answered(contact, contact.answeredMs);
    }
    this.#options.onNewId();
  }

  #explain(error: KrpcError, to: Endpoint): void {
    const { transactionId, message } = error;
    if (transactionId === null || this.#options.isReadOnly) return;
    const errorCode =
      error.code === "unknown-method" ? KRPC_ERROR.unknownMethod : KRPC_ERROR.protocol;
    this.#reply(encodeKrpcFailure({ transactionId, errorCode, message, to }, VERSION), to, false);
  }

  /** Answers as far as the budget of unproven addresses goes. */
  #reply(bytes: Uint8Array, to: Endpoint, isProven: boolean): void {
    const isVerified =
      isProven || this.#table.find(to) !== undefined || !isPublicAddress(to.address);
    if (!isVerified && !this.#budget.spend(bytes.length, this.#nowMs())) {
      this.counters.unaffordable++;
      return;
    }
    this.#send(bytes, to);
  }

  /** Counts what cannot be read. Returns whether its sender keeps within what it may send. */
  #refuse(from: Endpoint): boolean {
    this.counters.malformed++;
    return this.#allows(from);
  }

  #allows(from: Endpoint): boolean {
    if (from.port === 0) return false;
    if (this.#limiter.allows(from.address, this.#nowMs())) return true;
    this.counters.limited++;
    return false;
  }

  #send(bytes: Uint8Array, to: Endpoint): void {
    this.counters.sent++;
    this.counters.sentBytes += bytes.length;
    this.#options.port.send(bytes, to);
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}

/** Whether a node knows so few others that it asks the other family's nodes for some. */
export function hasFewNodes(node: DhtNode): boolean {
  return node.table.size < FEW_NODES;
}
