import { Agent as HttpAgent } from "node:http";
import type { AgentOptions, ClientRequestArgs } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import type { Net } from "../ports/net.ts";
import { StreamDuplex } from "./stream-duplex.ts";

/** By protocol. `ws:` and `wss:` go as `http:` and `https:` do. */
export interface Agents {
  readonly "http:": HttpAgent;
  readonly "https:": HttpsAgent;
}

type Connect = Net["connect"];
type OnCreated = (error: Error | null, stream: Duplex) => void;
type Target = ClientRequestArgs & ConnectionOptions & { readonly lookup?: LookupFunction };

/** Agents whose every connection is made by `connect`, to the addresses that the request's `lookup` gives. */
export function createAgentsOver(connect: Connect, options: AgentOptions): Agents {
  class PlainAgent extends HttpAgent {
    override createConnection(target: ClientRequestArgs, onCreated?: OnCreated): undefined {
      open(connect, target as Target).then(
        (stream) => onCreated?.(null, stream),
        (error: unknown) => onCreated?.(error as Error, undefined as never),
      );
    }
  }
  class SecureAgent extends HttpsAgent {
    override createConnection(target: ClientRequestArgs, onCreated?: OnCreated): undefined {
      open(connect, target as Target).then(
        (stream) => {
          const { remoteAddress, remotePort } = stream;
          // Not the target itself: of its host and path TLS would make another connection.
          const { servername, ALPNProtocols } = target as Target;
          const secure = connectTls({
            socket: stream,
            ...(servername !== undefined && servername !== "" && { servername }),
            ...(ALPNProtocols !== undefined && { ALPNProtocols }),
            host: String(target.host),
          });
          for (const [name, value] of Object.entries({ remoteAddress, remotePort })) {
            Object.defineProperty(secure, name, { value, configurable: true });
          }
          onCreated?.(null, secure);
        },
        (error: unknown) => onCreated?.(error as Error, undefined as never),
      );
    }
  }
  return { "http:": new PlainAgent(options), "https:": new SecureAgent(options) };
}

async function open(connect: Connect, target: Target): Promise<StreamDuplex> {
  const { host, port, localAddress, lookup } = target;
  const found = Promise.withResolvers<LookupAddress[]>();
  lookup!(String(host), { all: true }, (error, addresses) => {
    if (error === null) found.resolve(addresses as LookupAddress[]);
    else found.reject(error);
  });
  let failure: unknown = new Error(`${host} has no address`);
  for (const { address } of await found.promise) {
    const from = localAddress === undefined ? {} : { localAddress };
    try {
      return new StreamDuplex(await connect({ host: address, port: Number(port), ...from }));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
