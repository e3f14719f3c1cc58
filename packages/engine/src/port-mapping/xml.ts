/**
 * XML as far as UPnP uses it: elements and their text. Attributes and prefixes of namespaces are left out, since
 * routers get them wrong as often as right.
 */

/** An element. Names have no prefix. */
export interface XmlElement {
  readonly name: string;
  /** Its own text, without that of its children, and without white space around it. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Descriptions of routers have six levels and some two hundred elements. */
const MAX_DEPTH = 32;
const MAX_ELEMENTS = 4000;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** Slash, name without prefix, slash. */
const TAG = /^(\/?)(?:[\w.-]+:)?([\w.-]+)(?:\s[^]*?)?(\/?)$/;

/** An element whose end has not come. */
interface Open {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/** @returns The outermost element; null for what is not XML, declares entities, or goes beyond the bounds. */
export function readXml(text: string): XmlElement | null {
  const path: Open[] = [{ name: "", text: "", children: [] }];
  let count = 0;
  let at = 0;
  for (;;) {
    const parent = path.at(-1)!;
    const start = text.indexOf("<", at);
    parent.text += decodeEntities(text.slice(at, start === -1 ? text.length : start));
    if (start === -1) break;
    const special = readSpecial(text, start);
    if (special === "refused") return null;
    if (special !== null) {
      parent.text += special.text;
      at = special.end;
      continue;
    }
    const end = endOfTag(text, start);
    const tag = end === -1 ? null : TAG.exec(text.slice(start + 1, end));
    if (tag === null) return null;
    at = end + 1;
    const name = tag[2]!;
    if (tag[1] === "/") {
      if (name !== parent.name || path.length === 1) return null;
      path.pop();
      path.at(-1)!.children.push(close(parent));
    } else {
      if (++count > MAX_ELEMENTS || path.length > MAX_DEPTH) return null;
      const open: Open = { name, text: "", children: [] };
      if (tag[3] === "/") parent.children.push(open);
      else path.push(open);
    }
  }
  const [outermost] = path[0]!.children;
  return path.length === 1 && outermost !== undefined ? outermost : null;
}

/** An element and all below it, in the order of the text. */
export function* withDescendants(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* withDescendants(child);
}

/** The text of the first element of that name, this one or below it. */
export function textOf(element: XmlElement, name: string): string | null {
  for (const each of withDescendants(element)) if (each.name === name) return each.text;
  return null;
}

/** For the text of an element. */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function close({ name, text, children }: Open): XmlElement {
  return { name, text: text.trim(), children };
}

/** What begins with `<` and is no tag: comments, instructions, CDATA. A DOCTYPE may define entities without end. */
function readSpecial(
  text: string,
  start: number,
): { readonly end: number; readonly text: string } | "refused" | null {
  for (const [open, close] of [
    ["<!--", "-->"],
    ["<![CDATA[", "]]>"],
    ["<?", "?>"],
  ] as const) {
    if (!text.startsWith(open, start)) continue;
    const end = text.indexOf(close, start + open.length);
    if (end === -1) return "refused";
    const isText = open === "<![CDATA[";
    return { end: end + close.length, text: isText ? text.slice(start + open.length, end) : "" };
  }
  return text.startsWith("<!", start) ? "refused" : null;
}

/** A value of an attribute may hold `>`. */
function endOfTag(text: string, start: number): number {
  let quote = "";
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === ">") return at;
  }
  return -1;
}

function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,8}));/gi,
    (whole, ten, sixteen, name) => {
      if (name !== undefined) return ENTITIES[name as string] ?? whole;
      const code = ten === undefined ? parseInt(sixteen as string, 16) : Number(ten);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
