import { z } from "zod";
import { settings, type SettingMeta } from "./settings.ts";

/** One setting, for those who show or document it. */
export interface SettingDescription extends SettingMeta {
  /** As in `web.port`. */
  readonly section: string;
  readonly name: string;
  /** What it may be, in words: `a whole number from 0 to 65535, or null`. */
  readonly type: string;
  readonly default: unknown;
}

type Json = { readonly [name: string]: unknown };

/** Every setting, in the order of the schema. */
export function listSettings(): readonly SettingDescription[] {
  const { properties = {} } = z.toJSONSchema(settings) as { properties?: Record<string, Json> };
  return Object.entries(properties).flatMap(([section, { properties: fields }]) =>
    Object.entries(fields as Record<string, Json>).map(([name, field]) => {
      const { description, unit, restart } = field;
      return {
        section,
        name,
        description: description as string,
        ...(unit === undefined ? {} : { unit: unit as string }),
        ...(restart === undefined ? {} : { restart: restart as boolean }),
        type: describeType(field),
        default: field["default"],
      };
    }),
  );
}

function describeType(schema: Json): string {
  const { type, enum: choices, anyOf, items, minimum, maximum, pattern, properties } = schema;
  if (Array.isArray(anyOf)) return (anyOf as Json[]).map(describeType).join(", or ");
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(", ");
  if (type === "array") return `list of ${describeType(items as Json)}`;
  if (type === "object") return `{ ${Object.keys(properties as Json).join(", ")} }`;
  if (type === "integer" || type === "number") {
    const words = type === "integer" ? "whole number" : "number";
    const least = minimum === undefined ? "" : ` from ${minimum as number}`;
    const isBound = maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER;
    return `${words}${least}${isBound ? ` to ${maximum as number}` : ""}`;
  }
  if (type === "string") return pattern === undefined ? "text" : "digits as text";
  if (type === "boolean") return "true, false";
  return String(type);
}
