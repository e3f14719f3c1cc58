import type { Address } from "../network/address.ts";
import type { SigningLine, SigningWarning } from "./signing-lines.ts";

/** What everybody who means to sign in by an account says. */
const PHRASE = "wants you to sign in with your Ethereum account";

const DATE_TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)`;
const FORMAT = new RegExp(
  [
    String.raw`^(?:(?<scheme>[a-zA-Z][a-zA-Z\d+.-]*)://)?(?<domain>[^\s/?#]+) ${PHRASE}:\n`,
    String.raw`(?<address>0x[\da-fA-F]{40})\n\n`,
    String.raw`(?:(?<statement>[\x20-\x7e]+)\n)?\n`,
    String.raw`URI: (?<uri>[\x21-\x7e]+)\n`,
    String.raw`Version: (?<version>1)\n`,
    String.raw`Chain ID: (?<chainId>\d{1,15})\n`,
    String.raw`Nonce: (?<nonce>[a-zA-Z\d]{8,})\n`,
    String.raw`Issued At: (?<issuedAt>${DATE_TIME})`,
    String.raw`(?:\nExpiration Time: (?<expiresAt>${DATE_TIME}))?`,
    String.raw`(?:\nNot Before: (?<notBefore>${DATE_TIME}))?`,
    String.raw`(?:\nRequest ID: (?<requestId>[\w.~!$&'()*+,;=:@%-]*))?`,
    String.raw`(?:\nResources:(?<resources>(?:\n- [\x21-\x7e]+)*))?$`,
  ].join(""),
);

/** A sign-in, taken apart. */
export interface SignIn {
  /** Null where the message names none: https is meant then. */
  readonly scheme: string | null;
  /** With its port, where it names one. */
  readonly domain: string;
  readonly address: string;
  readonly chainId: number;
  readonly expiresAt: string | null;
  readonly notBefore: string | null;
  readonly lines: readonly SigningLine[];
}

/**
 * Reads a message by which somebody signs in somewhere.
 * @returns `broken` for one that looks like it and is not: a site could show one thing and have another signed.
 * @see ERC-4361
 */
export function readSignIn(text: string): SignIn | "broken" | null {
  if (!text.replace(/\s+/g, " ").includes(PHRASE)) return null;
  const found = FORMAT.exec(text)?.groups;
  if (found === undefined) return "broken";
  const { scheme, domain = "", address = "", statement, uri = "", version = "" } = found;
  const { chainId = "", nonce = "", issuedAt = "", expiresAt, notBefore } = found;
  const resources = (found["resources"] ?? "").split("\n- ").slice(1);
  const lines: SigningLine[] = [
    { label: "domain", value: scheme === undefined ? domain : `${scheme}://${domain}` },
    { label: "account", value: address },
    ...line("statement", statement),
    { label: "uri", value: uri },
    { label: "version", value: version },
    { label: "chain", value: chainId },
    { label: "nonce", value: nonce },
    { label: "issued", value: issuedAt },
    ...line("expires", expiresAt),
    ...line("not-before", notBefore),
    ...line("request-id", found["requestId"]),
    ...resources.map((value) => ({ label: "resource", value }) as const),
  ];
  return {
    scheme: scheme ?? null,
    ...{ domain, address, lines, chainId: Number(chainId) },
    expiresAt: expiresAt ?? null,
    notBefore: notBefore ?? null,
  };
}

/** Who signs in, as far as the wallet knows it. */
export interface SignInPlace {
  /** Of the page that asks, such as `https://app.example`. */
  readonly origin: string;
  readonly address: Address;
  readonly chainId: number;
  readonly nowMs: number;
}

/** What does not fit: a sign-in for another site than the one that asks is how accounts are stolen. */
export function checkSignIn(signIn: SignIn, place: SignInPlace): SigningWarning[] {
  const warnings: SigningWarning[] = [];
  const warn = (code: SigningWarning["code"], isGrave: boolean, message: string): void => {
    warnings.push({ code, isGrave, message });
  };
  if (!isFor(signIn, place.origin)) {
    const text = `This would sign you in at ${signIn.domain}, and it is ${place.origin} that asks: it could be you there.`;
    warn("other-domain", true, text);
  }
  if (signIn.address.toLowerCase() !== place.address) {
    warn("other-account", true, `This speaks of another account than yours: ${signIn.address}.`);
  }
  if (signIn.chainId !== place.chainId) {
    warn("other-chain", false, `This is for chain ${signIn.chainId}, not ${place.chainId}.`);
  }
  const isOver = signIn.expiresAt !== null && Date.parse(signIn.expiresAt) <= place.nowMs;
  const isEarly = signIn.notBefore !== null && Date.parse(signIn.notBefore) > place.nowMs;
  if (isOver || isEarly) {
    warn("not-in-time", false, isOver ? "This sign-in is over already." : "This is not valid yet.");
  }
  return warnings;
}

function isFor({ scheme, domain }: SignIn, origin: string): boolean {
  const asking = URL.parse(origin);
  const named = URL.parse(`${scheme ?? asking?.protocol.slice(0, -1)}://${domain}`);
  if (asking === null || named === null || domain.includes("@")) return false;
  return named.origin === asking.origin;
}

function line(label: SigningLine["label"], value: string | undefined): SigningLine[] {
  return value === undefined ? [] : [{ label, value }];
}
