import { parseIp } from "@shoal/protocol";
import type { Clock, Gateway, Http, Net, Random } from "@shoal/runtime";
import { askRouter } from "./ask-router.ts";
import { findIgd } from "./find-igd.ts";
import type { IgdService } from "./igd-description.ts";
import type { MappedProtocol, MappingRequest } from "./mapping-codec.ts";
import type { Mapped, MappingRouter } from "./router.ts";
import { decodeSoapAnswer, encodeSoapCall, type SoapAnswer } from "./soap-codec.ts";

/** Routers write their settings into flash memory before they answer, and that takes seconds. */
const CALL_MS = 8000;
const FAREWELL_MS = 2000;
/** Calls that one mapping may take: other ports, another lifetime. */
const MAX_CALLS = 6;
/** Where other ports are looked for (RFC 6335, 6). */
const FIRST_PRIVATE_PORT = 49_152;
/** Shown in the router's list of mappings. */
const DESCRIPTION = "Shoal";

/** Codes of WANIPConnection:1, 2.4.16, and :2, 2.5.16, and of routers that do not keep to them. */
const UNKNOWN_ACTION = new Set([401, 602]);
const ONLY_PERMANENT = new Set([402, 725]);
const TAKEN = new Set([501, 718, 729]);

/** A router asked by UPnP, as an Internet Gateway Device of version 1 or 2. */
export class UpnpRouter implements MappingRouter {
  readonly #line: { net: Net; http: Http; clock: Clock; gateway: Gateway };
  readonly #random: Random;
  #service: IgdService | null = null;
  /** Version 2 lets the router choose; some say that they are of version 2 and do not. */
  #chooses = true;
  #takesLifetimes = true;

  constructor(init: { net: Net; http: Http; clock: Clock; random: Random; gateway: Gateway }) {
    this.#line = init;
    this.#random = init.random;
  }

  async map(request: MappingRequest, signal: AbortSignal): Promise<Mapped | null> {
    const service = (this.#service ??= await this.#find(signal));
    if (service === null) return null;
    const mapped = await this.#add(service, request, signal);
    // What was found may have gone, or moved.
    if (mapped === null) this.#service = null;
    return mapped;
  }

  async unmap(protocol: MappedProtocol, externalPort: number): Promise<void> {
    if (this.#service === null) return;
    const parameters = {
      NewRemoteHost: "",
      NewExternalPort: String(externalPort),
      NewProtocol: protocol.toUpperCase(),
    };
    const limits = { timeoutMs: FAREWELL_MS, signal: new AbortController().signal };
    await this.#call(this.#service, "DeletePortMapping", parameters, limits);
  }

  async close(): Promise<void> {}

  async #find(signal: AbortSignal): Promise<IgdService | null> {
    const found = await findIgd(this.#line, signal).catch(() => []);
    // One is the cable, another a telephone line that nobody uses: only the router can tell.
    if (found.length > 1) {
      for (const service of found) {
        const status = await this.#ask(service, "GetStatusInfo", signal);
        if (status["NewConnectionStatus"] === "Connected") return service;
      }
    }
    return found[0] ?? null;
  }

  async #add(
    service: IgdService,
    request: MappingRequest,
    signal: AbortSignal,
  ): Promise<Mapped | null> {
    const { protocol, internalPort, lifetimeS } = request;
    let port = request.externalPort === 0 ? internalPort : request.externalPort;
    for (let calls = 0; calls < MAX_CALLS && !signal.aborted; calls++) {
      const chooses = this.#chooses && service.type.endsWith("WANIPConnection:2");
      const action = chooses ? "AddAnyPortMapping" : "AddPortMapping";
      const asked = this.#takesLifetimes ? lifetimeS : 0;
      const parameters = {
        NewRemoteHost: "",
        NewExternalPort: String(port),
        NewProtocol: protocol.toUpperCase(),
        NewInternalPort: String(internalPort),
        NewInternalClient: this.#line.gateway.localAddress,
        NewEnabled: "1",
        NewPortMappingDescription: DESCRIPTION,
        NewLeaseDuration: String(asked),
      };
      const limits = { timeoutMs: CALL_MS, signal };
      const answer = await this.#call(service, action, parameters, limits);
      if (answer === null) return null;
      if ("results" in answer) {
        const externalPort = chooses ? readPort(answer.results["NewReservedPort"]) : port;
        if (externalPort === null) return null;
        const externalAddress = await this.#externalAddress(service, signal);
        return { by: "upnp", externalPort, externalAddress, lifetimeS: asked === 0 ? null : asked };
      }
      const { errorCode } = answer;
      if (chooses && UNKNOWN_ACTION.has(errorCode)) this.#chooses = false;
      else if (ONLY_PERMANENT.has(errorCode) && this.#takesLifetimes) this.#takesLifetimes = false;
      else if (TAKEN.has(errorCode)) {
        port = FIRST_PRIVATE_PORT + this.#random.integer(65_536 - FIRST_PRIVATE_PORT);
      } else return null;
    }
    return null;
  }

  async #externalAddress(service: IgdService, signal: AbortSignal): Promise<string | null> {
    const results = await this.#ask(service, "GetExternalIPAddress", signal);
    const address = results["NewExternalIPAddress"] ?? "";
    const isUnknown = parseIp(address) === null || address === "0.0.0.0";
    return isUnknown ? null : address;
  }

  /** @returns What the action tells; nothing when it fails. */
  async #ask(
    service: IgdService,
    action: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    const answer = await this.#call(service, action, {}, { timeoutMs: CALL_MS, signal });
    return answer !== null && "results" in answer ? answer.results : {};
  }

  async #call(
    { type, controlUrl }: IgdService,
    action: string,
    parameters: Readonly<Record<string, string>>,
    limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<SoapAnswer | null> {
    const call = { url: controlUrl, method: "POST", ...encodeSoapCall(type, action, parameters) };
    const answer = await askRouter(this.#line, call, limits);
    return answer === null ? null : decodeSoapAnswer(answer.text, action);
  }
}

function readPort(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port > 0 && port < 65_536 ? port : null;
}
