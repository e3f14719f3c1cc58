import { escapeXml, readXml, textOf, type XmlElement } from "./xml.ts";

/** Calls of a UPnP service's actions. @see UPnP Device Architecture 1.1, 3.2 */

/** What an action came to: its results, or why not. */
export type SoapAnswer =
  | { readonly results: Readonly<Record<string, string>> }
  /** A code of UPnP, or of the service. */
  | { readonly errorCode: number };

/** @param parameters In the order of the action's declaration: routers rely on it. */
export function encodeSoapCall(
  serviceType: string,
  action: string,
  parameters: Readonly<Record<string, string>>,
): { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array } {
  const values = Object.entries(parameters).map(
    ([name, value]) => `<${name}>${escapeXml(value)}</${name}>`,
  );
  const body =
    '<?xml version="1.0"?>\r\n' +
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">' +
    `<s:Body><u:${action} xmlns:u="${serviceType}">${values.join("")}</u:${action}></s:Body>` +
    "</s:Envelope>\r\n";
  return {
    headers: {
      SOAPAction: `"${serviceType}#${action}"`,
      "Content-Type": 'text/xml; charset="utf-8"',
    },
    body: new TextEncoder().encode(body),
  };
}

/** @returns null for what is no answer to that action. */
export function decodeSoapAnswer(text: string, action: string): SoapAnswer | null {
  const root = readXml(text);
  const body = root?.children.find(({ name }) => name === "Body");
  const answer = body?.children.find(({ name }) => name === `${action}Response`);
  if (answer !== undefined) return { results: resultsOf(answer) };
  const fault = body?.children.find(({ name }) => name === "Fault");
  const code = fault === undefined ? null : textOf(fault, "errorCode");
  return code !== null && /^\d{1,5}$/.test(code) ? { errorCode: Number(code) } : null;
}

function resultsOf(answer: XmlElement): Readonly<Record<string, string>> {
  return Object.fromEntries(answer.children.map(({ name, text }) => [name, text]));
}
