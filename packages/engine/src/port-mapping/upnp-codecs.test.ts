import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { readIgdDescription } from "./igd-description.ts";
import { decodeSoapAnswer, encodeSoapCall } from "./soap-codec.ts";
import { decodeSearchAnswer, encodeSearch } from "./ssdp-codec.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytes = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value));

suite("SSDP", () => {
  test("UDA 1.1: a search names what is looked for and how soon to answer", () => {
    assert.equal(
      text(encodeSearch("urn:schemas-upnp-org:device:InternetGatewayDevice:1", 1)),
      "M-SEARCH * HTTP/1.1\r\n" +
        "HOST: 239.255.255.250:1900\r\n" +
        'MAN: "ssdp:discover"\r\n' +
        "MX: 1\r\n" +
        "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n",
    );
  });

  test("an answer tells where the device describes itself", () => {
    const answer = (status: string, header: string) =>
      decodeSearchAnswer(bytes(`${status}\r\nST: x\r\n${header}\r\nUSN: y\r\n\r\n`));
    const url = "http://192.168.1.1:5000/root.xml";
    assert.equal(answer("HTTP/1.1 200 OK", `LOCATION: ${url}`), url);
    assert.equal(answer("HTTP/1.0 200 OK", `Location:${url}  `), url);
    assert.equal(answer("HTTP/1.1 404 Not Found", `LOCATION: ${url}`), null);
    assert.equal(answer("NOTIFY * HTTP/1.1", `LOCATION: ${url}`), null);
    assert.equal(answer("HTTP/1.1 200 OK", "X: y"), null);
    assert.equal(answer("HTTP/1.1 200 OK", `LOCATION: ${url}\r\nX: ${"x".repeat(2048)}`), null);
  });

  test("whatever is sent is read or dropped", () => {
    fc.assert(fc.property(fc.uint8Array(), (some) => void decodeSearchAnswer(some)));
  });
});

suite("descriptions of routers", () => {
  const URL_OF = "http://192.168.1.1:5000/igd/root.xml";
  const service = (type: string, control: string) =>
    `<service><serviceType>urn:schemas-upnp-org:service:${type}</serviceType><controlURL>${control}</controlURL></service>`;

  test("services that map ports are found, the better ones first", () => {
    const xml = `<root><device><serviceList>${service("WANPPPConnection:1", "/ppp")}
      ${service("WANIPConnection:1", "ip1")}${service("Layer3Forwarding:1", "/l3")}
      ${service("WANIPConnection:2", "http://192.168.1.1:80/ip2?a=b")}</serviceList></device></root>`;
    assert.deepEqual(readIgdDescription(xml, URL_OF), [
      {
        type: "urn:schemas-upnp-org:service:WANIPConnection:2",
        controlUrl: "http://192.168.1.1/ip2?a=b",
      },
      {
        type: "urn:schemas-upnp-org:service:WANIPConnection:1",
        controlUrl: "http://192.168.1.1:5000/igd/ip1",
      },
      {
        type: "urn:schemas-upnp-org:service:WANPPPConnection:1",
        controlUrl: "http://192.168.1.1:5000/ppp",
      },
    ]);
  });

  test("UDA 1.0: a base other than where it was fetched counts", () => {
    const xml = `<root><URLBase>http://192.168.1.1:49152/</URLBase>${service("WANIPConnection:1", "c")}</root>`;
    assert.equal(readIgdDescription(xml, URL_OF)[0]?.controlUrl, "http://192.168.1.1:49152/c");
  });

  test("what is on another host, or not HTTP, is left out", () => {
    for (const control of [
      "http://192.168.1.2/c",
      "//evil.example/c",
      "file:///etc",
      "http://[",
      "",
    ]) {
      const xml = `<root>${service("WANIPConnection:1", control)}</root>`;
      assert.deepEqual(readIgdDescription(xml, URL_OF), [], control);
    }
    const based = `<root><URLBase>http://10.0.0.9/</URLBase>${service("WANIPConnection:1", "c")}</root>`;
    assert.deepEqual(readIgdDescription(based, URL_OF), []);
  });

  test("of very many services four are kept", () => {
    const xml = `<root>${service("WANIPConnection:1", "c").repeat(500)}</root>`;
    assert.equal(readIgdDescription(xml, URL_OF).length, 4);
  });
});

suite("SOAP", () => {
  const TYPE = "urn:schemas-upnp-org:service:WANIPConnection:1";
  const answer = (content: string) =>
    `<?xml version="1.0"?><s:Envelope xmlns:s="x"><s:Body>${content}</s:Body></s:Envelope>`;

  test("UDA 1.1, 3.2.1: a call names its action twice, and its parameters in order", () => {
    const { headers, body } = encodeSoapCall(TYPE, "Add", { NewA: "1", NewB: "<&>" });
    assert.equal(headers["SOAPAction"], `"${TYPE}#Add"`);
    assert.match(
      text(body),
      /<s:Body><u:Add xmlns:u="urn:[^"]+:1"><NewA>1<\/NewA><NewB>&lt;&amp;&gt;</,
    );
  });

  test("an answer brings results, or the code of an error", () => {
    assert.deepEqual(
      decodeSoapAnswer(answer("<u:AddResponse><NewA> 1 </NewA></u:AddResponse>"), "Add"),
      { results: { NewA: "1" } },
    );
    const fault = (code: string) =>
      answer(
        `<s:Fault><faultcode>s:Client</faultcode><detail><UPnPError><errorCode>${code}</errorCode></UPnPError></detail></s:Fault>`,
      );
    assert.deepEqual(decodeSoapAnswer(fault("725"), "Add"), { errorCode: 725 });
    assert.equal(decodeSoapAnswer(fault("x"), "Add"), null);
    assert.equal(decodeSoapAnswer(answer("<u:OtherResponse/>"), "Add"), null);
    assert.equal(decodeSoapAnswer("<html></html>", "Add"), null);
  });
});
