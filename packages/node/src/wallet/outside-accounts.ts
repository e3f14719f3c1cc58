import {
  type Address,
  EVM_COIN,
  type Hex,
  type Intent,
  type KnownAddress,
  knownEndpoints,
  type Network,
  toTransactionId,
} from "@shoal/chain";
import type { Answer, Input } from "@shoal/api";
import { NodeError } from "../errors.ts";
import { type AddressView, contactsOn, ownAddresses } from "./account-view.ts";
import type { Networks } from "./networks.ts";
import { planPayment } from "./plan-payment.ts";
import { type SinceBlock, TransactionHistory } from "./transaction-history.ts";
import type { Wallets } from "./wallets.ts";

export interface OutsideAccountsInit {
  readonly wallets: Wallets;
  readonly networks: Networks;
  /** Where wallets of this machine reach the embedded chain; null where none runs. */
  readonly embeddedUrl: string | null;
  /** Endpoints that the user has named instead of the known ones, by network. */
  readonly rpcUrls: Readonly<Record<string, readonly string[]>>;
}

/**
 * How far back a public network is looked through for somebody whose history nobody has kept: entries of a token are
 * found by an index, and moves of coin only by reading every block.
 */
const TOKEN_BLOCKS = 20_000;
const COIN_BLOCKS = 100;
/** Payments among which a recipient is looked for. */
const COMPARED_PAYMENTS = 500;

/** Accounts whose keys are somewhere else, in a browser's wallet: what they have, and what a payment of theirs would do. */
export class OutsideAccounts {
  readonly #init: OutsideAccountsInit;
  /** Apart from the wallets' own, which reach back to the first block. */
  readonly #history = new TransactionHistory();

  constructor(init: OutsideAccountsInit) {
    this.#init = init;
  }

  /**
   * @param name A network that browsers' wallets know the kind of.
   * @throws {ChainError} `unknown-network`, `bad-address`; {NodeError} `unavailable`.
   */
  async open(name: string, text: string): Promise<AddressView> {
    const { network, sender } = await this.#openNetwork(name);
    const files = await this.#init.wallets.list();
    const contacts = files.flatMap((file) => file.contacts);
    return { network, sender, address: network.parseAddress(text), contacts };
  }

  /** @param seesUrls Whether the caller may see endpoints that the user has named: they may hold keys. */
  async describeNetwork(name: string, seesUrls: boolean): Promise<Answer<"getNetworkForWallets">> {
    const { network } = await this.#openNetwork(name);
    const { info } = network;
    const { embeddedUrl, rpcUrls } = this.#init;
    const named = seesUrls ? (rpcUrls[name] ?? []) : [];
    const own = name === "embedded" && embeddedUrl !== null ? [embeddedUrl] : named;
    const site = URL.parse(info.explorer?.transaction.replace("{}", "") ?? "")?.origin;
    return {
      chain: {
        chainId: toQuantity(BigInt(info.chainId)),
        chainName: info.title,
        nativeCurrency: { ...info.coin },
        rpcUrls: [...(own.length > 0 ? own : knownEndpoints(name))],
        blockExplorerUrls: site === undefined ? [] : [site],
      },
      btt:
        info.btt?.asset.kind === "token"
          ? {
              address: network.formatAddress(info.btt.asset.address),
              symbol: info.btt.symbol,
              decimals: info.btt.decimals,
            }
          : null,
      canAskFaucet: info.can.faucet,
    };
  }

  async readHistory(view: AddressView, limit: number): Promise<Answer<"getAddressHistory">> {
    const since = await firstBlocks(view.network);
    const transactions = await this.#history.read(view, limit, since);
    return { transactions, sinceBlock: Math.min(since.btt, since.coin) };
  }

  /** Finds out what a payment would do. Who has the key signs it, elsewhere. @throws {ChainError}, {RevertError}. */
  async plan(input: Input<"planOutsideSend">): Promise<Answer<"planOutsideSend">> {
    const view = await this.open(input.network, input.address);
    const { network } = view;
    const { plan, shown } = await planPayment(view, input, await this.#knownTo(view));
    return {
      ...shown,
      transaction: {
        from: shown.from,
        ...callOf(network, plan.intent),
        chainId: toQuantity(BigInt(network.info.chainId)),
      },
    };
  }

  async readState(name: string, id: string): Promise<Answer<"getTransactionState">> {
    const { network } = await this.#openNetwork(name);
    const status = await network.status(toTransactionId(id));
    const shown = network.formatTransactionId(toTransactionId(id));
    const receipt = status.state === "included" ? status.receipt : null;
    const reached = status.state === "included" && status.isFinal ? "final" : status.state;
    return {
      id: shown,
      state: receipt?.isSuccess === false ? "failed" : reached,
      block: receipt?.block.number ?? null,
      url: network.info.explorer?.transaction.replace("{}", shown) ?? null,
    };
  }

  async #openNetwork(name: string) {
    const opened = await this.#init.networks.open(name);
    if (opened.network.info.slip44 !== EVM_COIN) {
      throw new NodeError(
        "unavailable",
        `${opened.network.info.title} is no EVM network: wallets of browsers are asked on those.`,
      );
    }
    return opened;
  }

  /** Whom its owner may mean: contacts, this node's own wallets, and those that were paid from it before. */
  async #knownTo(view: AddressView): Promise<KnownAddress[]> {
    const files = await this.#init.wallets.list();
    const own = files.flatMap((file) => ownAddresses(file, view.network, `wallet ${file.name}`));
    const { transactions } = await this.readHistory(view, COMPARED_PAYMENTS);
    const paid = transactions.flatMap(({ direction, counterparty }) =>
      direction === "out" && counterparty !== null
        ? [{ address: view.network.parseAddress(counterparty), name: null }]
        : [],
    );
    return [...contactsOn(view), ...own, ...paid];
  }
}

/** A chain that runs here is looked through from its beginning. */
async function firstBlocks(network: Network): Promise<SinceBlock> {
  if (network.info.kind === "embedded") return { coin: 0, btt: 0 };
  const { latest } = await network.head();
  const coin = Math.max(0, latest.number - COIN_BLOCKS);
  const isToken = network.info.btt?.asset.kind === "token";
  return { coin, btt: isToken ? Math.max(0, latest.number - TOKEN_BLOCKS) : coin };
}

function callOf(network: Network, intent: Intent) {
  if (intent.kind === "deploy") throw new TypeError("A payment deploys nothing.");
  const to: Address = intent.to;
  const data: Hex = intent.kind === "call" ? intent.data : "0x";
  return { to: network.formatAddress(to), value: toQuantity(intent.amount ?? 0n), data };
}

function toQuantity(value: bigint): string {
  return `0x${value.toString(16)}`;
}
