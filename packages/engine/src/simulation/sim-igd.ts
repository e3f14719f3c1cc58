import type { StreamSocket } from "@shoal/runtime";
import type { SimHost } from "@shoal/runtime/sim";
import { SSDP_GROUP, SSDP_PORT } from "../port-mapping/ssdp-codec.ts";
import { readXml, withDescendants } from "../port-mapping/xml.ts";

export const IGD_PORT = 5000;
const DEVICE = "urn:schemas-upnp-org:device";
const SERVICE = "urn:schemas-upnp-org:service";

export type Parameters = Readonly<Record<string, string>>;
/** What an action comes to; a number is the code of an error, null is silence. */
export type Outcome = Parameters | number | null;

/** A router with UPnP in the simulated world, which keeps a table of mappings as routers do. */
export interface TestIgd {
  /** What it was asked, in order: the action's name and its parameters. */
  readonly calls: { readonly action: string; readonly parameters: Parameters }[];
  /** By protocol and port outside, as `TCP 6881`: to whom it leads. */
  readonly table: Map<string, { readonly to: string; readonly lifetimeS: number }>;
  searches: number;
}

export interface TestIgdInit {
  readonly version?: 1 | 2;
  /** Answers in place of the table; undefined leaves an action to it. */
  readonly answer?: (action: string, parameters: Parameters) => Outcome | undefined;
  /** What it tells a search; a description of its own at its own address when absent. */
  readonly location?: string;
  /** In place of the description. */
  readonly description?: string;
  /** In place of the answer to any request, sent as it is. */
  readonly raw?: (socket: StreamSocket, target: string) => boolean;
}

export async function startIgd(
  host: SimHost,
  { version = 1, answer = () => undefined, raw = () => false, ...init }: TestIgdInit = {},
): Promise<TestIgd> {
  const igd: TestIgd = { calls: [], table: new Map(), searches: 0 };
  const location = init.location ?? `http://${host.address}:${IGD_PORT}/root.xml`;
  const udp = await host.net.bindUdp(
    { port: SSDP_PORT, multicast: { group: SSDP_GROUP, hops: 2 } },
    (bytes, from) => {
      const text = Buffer.from(bytes).toString("latin1");
      if (!text.startsWith("M-SEARCH * HTTP/1.1\r\n")) return;
      igd.searches++;
      const target = /^ST: (\S+)\r$/m.exec(text)?.[1] ?? "";
      if (!target.includes("InternetGatewayDevice:1")) return;
      const lines = ["HTTP/1.1 200 OK", "CACHE-CONTROL: max-age=120", `ST: ${target}`];
      udp.send(Buffer.from([...lines, `LOCATION: ${location}`, "", ""].join("\r\n")), from);
    },
  );
  const serve = (socket: StreamSocket, target: string, action: string, body: string): void => {
    if (raw(socket, target)) return;
    if (target === "/root.xml") return respond(socket, 200, init.description ?? describe(version));
    const envelope = readXml(body);
    const call =
      envelope === null ? undefined : [...withDescendants(envelope)].find((e) => e.name === action);
    if (call === undefined) return respond(socket, 400, "");
    const parameters = Object.fromEntries(call.children.map(({ name, text }) => [name, text]));
    igd.calls.push({ action, parameters });
    const outcome = answer(action, parameters) ?? keep(igd, action, parameters);
    if (outcome === null) return;
    if (typeof outcome === "number") respond(socket, 500, fault(outcome));
    else respond(socket, 200, success(action, outcome));
  };
  await host.net.listen({ port: IGD_PORT }, (socket) => takeRequest(socket, serve));
  return igd;
}

/** What routers do by themselves. */
function keep(igd: TestIgd, action: string, parameters: Parameters): Outcome {
  const key = `${parameters["NewProtocol"]} ${parameters["NewExternalPort"]}`;
  const to = `${parameters["NewInternalClient"]}:${parameters["NewInternalPort"]}`;
  if (action === "GetExternalIPAddress") return { NewExternalIPAddress: "203.0.113.1" };
  if (action === "GetStatusInfo") return { NewConnectionStatus: "Connected" };
  if (action === "DeletePortMapping") return igd.table.delete(key) ? {} : 714;
  if (action !== "AddPortMapping" && action !== "AddAnyPortMapping") return 401;
  const taken = igd.table.get(key);
  if (taken !== undefined && taken.to.split(":")[0] !== parameters["NewInternalClient"]) return 718;
  igd.table.set(key, { to, lifetimeS: Number(parameters["NewLeaseDuration"]) });
  return action === "AddPortMapping" ? {} : { NewReservedPort: parameters["NewExternalPort"]! };
}

function describe(version: 1 | 2): string {
  return `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0">
  <specVersion><major>1</major><minor>0</minor></specVersion>
  <device>
    <deviceType>${DEVICE}:InternetGatewayDevice:${version}</deviceType>
    <friendlyName>A router &amp; more</friendlyName>
    <deviceList><device>
      <deviceType>${DEVICE}:WANDevice:${version}</deviceType>
      <deviceList><device>
        <deviceType>${DEVICE}:WANConnectionDevice:${version}</deviceType>
        <serviceList><service>
          <serviceType>${SERVICE}:WANIPConnection:${version}</serviceType>
          <SCPDURL>/wan.xml</SCPDURL>
          <controlURL>/control</controlURL>
        </service></serviceList>
      </device></deviceList>
    </device></deviceList>
  </device>
</root>`;
}

function success(action: string, results: Parameters): string {
  const values = Object.entries(results).map(([name, value]) => `<${name}>${value}</${name}>`);
  return envelope(`<u:${action}Response xmlns:u="x">${values.join("")}</u:${action}Response>`);
}

function fault(code: number): string {
  return envelope(
    "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>" +
      `<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode>` +
      "</UPnPError></detail></s:Fault>",
  );
}

function envelope(content: string): string {
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${content}</s:Body></s:Envelope>`;
}

/** One request of a connection, with its body: what `Http.serve` leaves out. */
function takeRequest(
  socket: StreamSocket,
  serve: (socket: StreamSocket, target: string, action: string, body: string) => void,
): void {
  const place = new Uint8Array(16 * 1024);
  let text = "";
  let isServed = false;
  socket.receive({
    buffer: () => place,
    received(lengthBytes) {
      text += Buffer.from(place.subarray(0, lengthBytes)).toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end === -1 || isServed) return;
      const head = text.slice(0, end);
      const body = text.slice(end + 4);
      if (body.length < Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)) return;
      isServed = true;
      const action = /^soapaction: "\S+#(\w+)"/im.exec(head)?.[1] ?? "";
      serve(socket, head.split(" ")[1] ?? "", action, body);
    },
    ended: () => {},
    closed: () => {},
  });
}

export function respond(socket: StreamSocket, status: number, text: string, more = ""): void {
  const head = `HTTP/1.1 ${status} x\r\nContent-Length: ${text.length}\r\nConnection: close\r\n${more}\r\n`;
  socket.write(Buffer.from(head + text, "latin1"));
  socket.end();
}
