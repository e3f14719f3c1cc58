import { NetError } from "../errors.ts";
import type { Endpoint } from "../ports/net.ts";

/** What was tried, for messages: `connect to 10.0.0.1:6881`, `listen at 0.0.0.0:6881`. */
export type NetAction = "connect to" | "listen at" | "keep the connection with";

export function formatEndpoint({ address, port }: Endpoint): string {
  // A Unix socket's.
  if (address.startsWith("/")) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The system's error as a `NetError` that says what to do. */
export function toNetError(cause: unknown, action: NetAction, endpoint: Endpoint): NetError {
  if (cause instanceof NetError) return cause;
  const systemCode = (cause as NodeJS.ErrnoException).code ?? "unknown";
  const target = formatEndpoint(endpoint);
  const [code, explanation] = explain(systemCode, endpoint);
  return new NetError(code, `Could not ${action} ${target}: ${explanation}`, { cause });
}

function explain(systemCode: string, { address, port }: Endpoint): [NetError["code"], string] {
  switch (systemCode) {
    case "ECONNREFUSED":
      return ["refused", "nothing listens there."];
    case "ENETUNREACH":
    case "EHOSTUNREACH":
    case "EHOSTDOWN":
    case "ENETDOWN":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return [
        "unreachable",
        `no way leads there (${systemCode}). Check the address and the network.`,
      ];
    case "ETIMEDOUT":
      return ["timeout", "no answer came in time."];
    case "ECONNRESET":
    case "EPIPE":
    case "ECONNABORTED":
      return ["reset", "the other side cut the connection."];
    case "EADDRINUSE":
      return [
        "address-in-use",
        `port ${port} is taken by another program. Choose another port, or 0 for a free one.`,
      ];
    case "EADDRNOTAVAIL":
      return [
        "address-unavailable",
        `this machine does not have the address ${address}. Choose one that it has.`,
      ];
    case "EAFNOSUPPORT":
    case "EINVAL":
      return [
        "address-unavailable",
        `${address} cannot be used here (${systemCode}). Check its IP version.`,
      ];
    case "EACCES":
    case "EPERM":
      return [
        "denied",
        port > 0 && port < 1024
          ? `ports below 1024 need privileges. Choose a port from 1024 up.`
          : `the system does not allow it (${systemCode}). Check the firewall and the program's rights.`,
      ];
    default:
      return ["failed", `the system answered ${systemCode}.`];
  }
}
