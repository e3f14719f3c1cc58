import { join } from "node:path";
import { makeWallet, parseMnemonic, WalletFolder } from "@shoal/chain";
import type { HttpResponse } from "@shoal/runtime";
import { openPrivateFolder } from "@shoal/runtime/node";
import { openTestDaemon, readText, type TestDaemon } from "./test-daemon.ts";

export const WALLET_PASSWORD = "a long password";
const WORDS =
  "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
/** Of those words, on EVM chains. */
export const ADDRESS = "0x9858EfFD232B4033E47d90003D41EC34EcaEda94";

interface PageAnswer {
  readonly result?: unknown;
  readonly token?: string;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** A page of a web site, as a browser lets it speak to the daemon. */
export interface SitePage {
  readonly origin: string;
  /** What it was given when it was connected. */
  token: string | null;
  /** Ends its calls, as closing the tab does. */
  readonly leaving: AbortController;
  call(method: string, params?: unknown): Promise<PageAnswer>;
  /** @throws an error with the code, where there is one. */
  ask(method: string, params?: unknown): Promise<unknown>;
  send(more: {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }): Promise<HttpResponse>;
}

export interface SiteScene {
  readonly test: TestDaemon;
  page(origin: string): SitePage;
  /** The oldest request that waits, as soon as there is one. */
  waiting(): Promise<ShownRequest>;
  waitingFor(kind: ShownRequest["kind"]): Promise<ShownRequest>;
  untilWaiting(count: number): Promise<void>;
  /** Has a page connected. */
  connect(origin: string): Promise<SitePage>;
  close(): Promise<void>;
}

type ShownRequest = Awaited<ReturnType<typeof listRequests>>[number];

async function listRequests({ client }: TestDaemon) {
  return (await client.call("listSiteRequests")).requests;
}

/** As the daemon makes wallets, but under a password that costs little to try. */
async function writeWallet({ home, daemon }: TestDaemon): Promise<void> {
  const { random, clock } = daemon.core.runtime;
  const making = { random, nowMs: clock.nowMs(), cost: { n: 1024, r: 8, p: 1 } };
  const file = await makeWallet("main", parseMnemonic(WORDS), WALLET_PASSWORD, making);
  await new WalletFolder(openPrivateFolder(join(home, "data", "wallets"))).create(file);
}

/** A real daemon with the embedded chain, a password and a wallet, and pages that speak to it over TCP. */
export async function openSiteScene(): Promise<SiteScene> {
  const test = await openTestDaemon({ settings: { chain: { embedded: true } } });
  const { client, daemon } = test;
  await client.call("setPassword", { password: "correct horse" });
  await writeWallet(test);
  const { events } = daemon.core;

  const page = (origin: string): SitePage => {
    const self: SitePage = {
      origin,
      token: null,
      leaving: new AbortController(),
      async send({ method = "POST", path = "/provider/rpc", headers = {}, body }) {
        return await test.fetch(method, path, {
          headers: {
            origin,
            "content-type": "application/json",
            ...(self.token !== null && { authorization: `Bearer ${self.token}` }),
            ...headers,
          },
          ...(body !== undefined && { body: Buffer.from(body) }),
          signal: self.leaving.signal,
        });
      },
      async call(method, params = []) {
        const response = await self.send({ body: JSON.stringify({ method, params }) });
        const answer = JSON.parse(await readText(response)) as PageAnswer;
        if (answer.token !== undefined) self.token = answer.token;
        return answer;
      },
      async ask(method, params) {
        const { result, error } = await self.call(method, params);
        if (error !== undefined) throw Object.assign(new Error(error.message), error);
        return result;
      },
    };
    return self;
  };

  /** Looks again whenever something has changed. */
  const until = async <T>(find: (requests: ShownRequest[]) => T | undefined): Promise<T> => {
    // Opened before looking, so that nothing that comes in between is missed.
    const stream = events.open("sites", () => true);
    const parts = (stream.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const found = find(await listRequests(test));
        if (found !== undefined) return found;
        await parts.next();
      }
    } finally {
      await parts.return?.();
    }
  };
  const waiting = () => until(([first]) => first);
  const waitingFor = (kind: ShownRequest["kind"]) =>
    until((requests) => requests.find((each) => each.kind === kind));
  const untilWaiting = async (count: number): Promise<void> => {
    await until((requests) => (requests.length === count ? true : undefined));
  };

  const connect = async (origin: string): Promise<SitePage> => {
    const connected = page(origin);
    const asked = connected.ask("eth_requestAccounts");
    const { id } = await waiting();
    await client.call("answerSiteRequest", { id, isAllowed: true });
    await asked;
    return connected;
  };

  return { test, page, waiting, waitingFor, untilWaiting, connect, close: () => test.close() };
}
