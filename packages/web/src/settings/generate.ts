/**
 * Writes `described-settings.ts` from the settings' schema, so that the page has their kinds, bounds and descriptions
 * without a schema library: `node packages/web/src/settings/generate.ts`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toOpenApi } from "@shoal/api";

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly unit?: string;
  readonly restart?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

const TARGET = fileURLToPath(new URL("./described-settings.ts", import.meta.url));

/** The text of the generated file, not yet formatted as a person would. */
export function describeSettings(): readonly object[] {
  const api = toOpenApi("0") as unknown as {
    readonly paths: Readonly<Record<string, Record<string, unknown>>>;
  };
  const path = Object.keys(api.paths).find((each) => each.endsWith("/settings")) ?? "";
  const { get } = api.paths[path] as {
    readonly get: {
      readonly responses: Readonly<
        Record<string, { readonly content: Readonly<Record<string, { schema: JsonSchema }>> }>
      >;
    };
  };
  const answer = get.responses["200"]?.content["application/json"]?.schema;
  const sections = answer?.properties?.["settings"]?.properties ?? {};
  return Object.entries(sections).flatMap(([section, { properties = {} }]) =>
    Object.entries(properties).map(([name, schema]) => describe(section, name, schema)),
  );
}

function describe(section: string, name: string, schema: JsonSchema): object {
  const kinds = schema.anyOf ?? [schema];
  const main = kinds.find(({ type }) => type !== "null") ?? schema;
  const { minimum, maximum } = main;
  return {
    path: `${section}.${name}`,
    section,
    name,
    kind: kindOf(main, schema.unit),
    isNullable: kinds.length > 1,
    isRestart: schema.restart === true,
    description: schema.description ?? "",
    ...(main.enum !== undefined && { choices: main.enum }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && { maximum }),
  };
}

function kindOf({ type, enum: choices, items, pattern }: JsonSchema, unit?: string): string {
  if (unit === "bytes/s") return "rate";
  if (unit === "bytes") return "bytes";
  if (unit === "ms") return "duration";
  if (unit === "BTT wei" || pattern?.includes("77") === true) return "amount";
  if (choices !== undefined) return "choice";
  if (type === "array") return items?.type === "string" ? "lines" : "objects";
  if (type === "integer") return "integer";
  return type === "boolean" || type === "number" ? type : "text";
}

/** What the file has to hold. */
export function textOfSettings(): string {
  const lines = describeSettings().map((each) => `  ${JSON.stringify(each)},`);
  return [
    "// Written by generate.ts from the settings' schema.",
    "",
    "/** Every setting of the daemon: where it is, what it takes, and what it does. */",
    "export const DESCRIBED_SETTINGS = [",
    ...lines,
    "] as const;",
    "",
  ].join("\n");
}

if (import.meta.main) {
  const text = textOfSettings();
  if (readFileSync(TARGET, "utf8") !== text) writeFileSync(TARGET, text);
}
