import type { Clock, Endpoint, Http, HttpServerRequest, HttpServerResponse } from "@shoal/runtime";
import { ChainError } from "../errors.ts";
import { GridRoutes } from "./grid-routes.ts";
import { JsonRpcError, ShimJsonRpc } from "./json-rpc.ts";
import type { JsonObject } from "./node-json.ts";
import { NodeRoutes } from "./node-routes.ts";
import { Parameters } from "./parameters.ts";
import type { ShimChain } from "./shim-chain.ts";
import { type Json, writeJson } from "./write-json.ts";

/** Says in every answer what answers. */
const EMULATION = "tron-emulation: an EVM, not a TVM; play money";
/** A node's bound for a request is 4 MiB; a transaction of 500 KiB takes a quarter of it in hexadecimal. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export interface ServeShimOptions {
  readonly host?: string;
  readonly port: number;
  readonly http: Pick<Http, "serve">;
  /** Makes an empty block as often, so that others become solid. Without it only what happens makes blocks. */
  readonly heartbeat?: { readonly clock: Pick<Clock, "setRepeating">; readonly everyMs: number };
  /** What `shim/info` says, beside what answers and its chain id. */
  readonly info?: JsonObject;
  /** What `shim/` answers, beside `shim/info` and `shim/mine`: a faucet, where there is one. */
  readonly extra?: (path: string, parameters: Parameters) => Promise<Json> | null;
}

export interface ServedShim {
  readonly local: Endpoint;
  /** `http://…`, as TronWeb's `fullHost` and `--rpc` take it. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the emulation where TRON's own API would be: `wallet/`, `walletsolidity/`, `v1/`, `jsonrpc`.
 * `shim/mine` makes blocks, which no real node does.
 * @throws {NetError} when it cannot listen.
 */
export async function serveShim(chain: ShimChain, options: ServeShimOptions): Promise<ServedShim> {
  const host = options.host ?? "127.0.0.1";
  const routes = new ShimRoutes(chain, options);
  const listener = await options.http.serve(
    { host, port: options.port, maxBodyBytes: MAX_BODY_BYTES },
    (request) => routes.respond(request),
  );
  const { heartbeat } = options;
  const timer = heartbeat?.clock.setRepeating(heartbeat.everyMs, () => void chain.mine());
  return {
    local: listener.local,
    url: `http://${host}:${listener.local.port}`,
    async close() {
      timer?.cancel();
      await listener.close();
    },
  };
}

class ShimRoutes {
  readonly #chain: ShimChain;
  readonly #node: NodeRoutes;
  readonly #grid: GridRoutes;
  readonly #rpc: ShimJsonRpc;
  readonly #options: ServeShimOptions;

  constructor(chain: ShimChain, options: ServeShimOptions) {
    this.#chain = chain;
    this.#node = new NodeRoutes(chain);
    this.#grid = new GridRoutes(chain);
    this.#rpc = new ShimJsonRpc(chain);
    this.#options = options;
  }

  async respond(request: HttpServerRequest): Promise<HttpServerResponse> {
    const [path = "", query = ""] = request.target.split("?", 2);
    const [first = "", ...rest] = path.split("/").filter((part) => part !== "");
    try {
      if (first === "jsonrpc") return ok(await this.#jsonRpc(request.body));
      const parameters = new Parameters(new URLSearchParams(query), request.body);
      const answer = await this.#answer(first, rest.map(decodeURIComponent), parameters);
      return answer === null ? respond(404, { Error: `no ${path} here` }) : ok(answer);
    } catch (error) {
      // As nodes do: the answer is 200, and says what was wrong.
      if (
        error instanceof ChainError ||
        error instanceof SyntaxError ||
        error instanceof RangeError
      ) {
        return ok({ Error: `class ${error.name} : ${error.message}` });
      }
      throw error;
    }
  }

  async #answer(first: string, path: readonly string[], parameters: Parameters): Promise<Json> {
    const [method = ""] = path;
    switch (first) {
      case "wallet":
        return this.#node.answer(method, parameters, "latest");
      case "walletsolidity":
        return this.#node.answer(method, parameters, "solid");
      case "v1":
        return this.#grid.answer(path, parameters);
      case "shim":
        return this.#control(method, parameters);
      default:
        return null;
    }
  }

  async #control(method: string, parameters: Parameters): Promise<Json> {
    if (method === "mine") {
      const { number } = await this.#chain.mine(Math.min(parameters.number("blocks"), 1000));
      return { number };
    }
    const { info, extra } = this.#options;
    if (method === "info") return { emulation: EMULATION, chainId: this.#chain.chainId, ...info };
    return extra?.(method, parameters) ?? null;
  }

  async #jsonRpc(body: Uint8Array): Promise<Json> {
    let request: unknown;
    try {
      request = JSON.parse(Buffer.from(body).toString("utf8"));
    } catch {
      return { jsonrpc: "2.0", id: null, error: { code: -32700, message: "JSON parse error" } };
    }
    if (Array.isArray(request)) return Promise.all(request.map((one) => this.#rpcAnswer(one)));
    return this.#rpcAnswer(request);
  }

  async #rpcAnswer(request: unknown): Promise<Json> {
    const { id = null, method, params } = (request ?? {}) as Record<string, unknown>;
    const answered = typeof id === "number" || typeof id === "string" ? id : null;
    try {
      const list = Array.isArray(params) ? (params as unknown[]) : [];
      const result = await this.#rpc.answer(typeof method === "string" ? method : "", list);
      return { jsonrpc: "2.0", id: answered, result };
    } catch (error) {
      if (!(error instanceof JsonRpcError)) throw error;
      const { rpcCode, message } = error;
      return { jsonrpc: "2.0", id: answered, error: { code: rpcCode, message, data: "{}" } };
    }
  }
}

function ok(answer: Json): HttpServerResponse {
  return respond(200, answer);
}

function respond(status: number, answer: Json): HttpServerResponse {
  return {
    status,
    headers: {
      "content-type": "application/json",
      "access-control-allow-origin": "*",
      "x-emulation": EMULATION,
    },
    body: Buffer.from(writeJson(answer)),
  };
}
