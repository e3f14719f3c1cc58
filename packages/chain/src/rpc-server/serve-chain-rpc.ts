import type {
  Http,
  HttpServerRequest,
  HttpServerResponse,
  Listener,
  WebSocketConnection,
} from "@shoal/runtime";
import type { EmbeddedChain, RpcSession } from "../embedded/embedded-chain.ts";
import { RpcError } from "../errors.ts";
import { RPC_CODES } from "../embedded/rpc-error.ts";
import { answerRpc } from "./answer-rpc.ts";
import { corsHeaders, isTrusted } from "./origin-guard.ts";

export interface ServeChainRpcOptions {
  readonly http: Http;
  readonly chain: EmbeddedChain;
  /** 0 for a free one. */
  readonly port: number;
  /** Web pages that may ask, such as `https://app.example`, beside those of this machine. */
  readonly allowedOrigins?: readonly string[];
}

/** Where a chain is reached. */
export interface ChainRpc {
  readonly httpUrl: string;
  readonly webSocketUrl: string;
  close(): Promise<void>;
}

/** As geth's. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;
const MAX_CONNECTIONS = 64;
/** Messages of a connection that are being answered. */
const MAX_UNANSWERED = 1024;
/** What waits for a connection that does not read. */
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;

const HOST = "127.0.0.1";

/**
 * Serves a chain's JSON-RPC over HTTP and WebSockets at one port of loopback.
 * @throws {NetError} `address-in-use` or `denied`.
 */
export async function serveChainRpc(options: ServeChainRpcOptions): Promise<ChainRpc> {
  const { http, chain, port, allowedOrigins = [] } = options;
  // Those who ask over HTTP have no connection to be told anything by.
  const plain = refuseSubscriptions(chain.openSession(() => {}));
  let connections = 0;

  async function handle(request: HttpServerRequest): Promise<HttpServerResponse> {
    const { method, headers, body } = request;
    if (!isTrusted(headers, allowedOrigins)) return text(403, REFUSAL);
    const cors = corsHeaders(headers);
    if (method === "OPTIONS") return { status: 204, headers: cors, body: NOTHING };
    if (method !== "POST") return text(405, WELCOME, { ...cors, allow: "POST, OPTIONS" });
    const answer = await answerRpc(Buffer.from(body).toString(), plain);
    if (answer === null) return { status: 204, headers: cors, body: NOTHING };
    return {
      status: 200,
      headers: { ...cors, "content-type": "application/json" },
      body: Buffer.from(answer),
    };
  }

  function accept({ headers }: HttpServerRequest) {
    if (!isTrusted(headers, allowedOrigins) || connections >= MAX_CONNECTIONS) return null;
    return (connection: WebSocketConnection) => {
      connections++;
      converse(connection, chain, () => connections--);
    };
  }

  const listener: Listener = await http.serve(
    { host: HOST, port, maxBodyBytes: MAX_BODY_BYTES },
    handle,
    accept,
  );
  const where = `${HOST}:${listener.local.port}`;
  return {
    httpUrl: `http://${where}`,
    webSocketUrl: `ws://${where}`,
    async close() {
      await listener.close();
      plain.close();
    },
  };
}

function converse(connection: WebSocketConnection, chain: EmbeddedChain, onClosed: () => void) {
  let unanswered = 0;
  const send = (message: string) => {
    if (connection.queuedBytes > MAX_QUEUED_BYTES) connection.destroy();
    else connection.send(message);
  };
  const session = chain.openSession((subscription, result) => {
    const params = { subscription, result };
    send(JSON.stringify({ jsonrpc: "2.0", method: "eth_subscription", params }));
  });
  connection.receive({
    message(message) {
      if (unanswered >= MAX_UNANSWERED) return connection.destroy();
      unanswered++;
      void answerRpc(message, session).then((answer) => {
        unanswered--;
        if (answer !== null) send(answer);
      });
    },
    closed() {
      session.close();
      onClosed();
    },
  });
}

function refuseSubscriptions(session: RpcSession): RpcSession {
  return {
    async request(request) {
      if (request.method === "eth_subscribe") throw new RpcError(RPC_CODES.methodNotFound, OVER_WS);
      return await session.request(request);
    },
    close: () => session.close(),
  };
}

const NOTHING = new Uint8Array();
const OVER_WS = "notifications not supported: subscribe over a WebSocket at the same port";
const WELCOME = "Shoal's embedded chain (play money): JSON-RPC by POST, or over a WebSocket.\n";
const REFUSAL =
  "Only programs and pages of this machine may ask. Name others with --allow-origin.\n";

function text(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpServerResponse {
  const body = Buffer.from(message);
  return { status, headers: { "content-type": "text/plain", ...headers }, body };
}
