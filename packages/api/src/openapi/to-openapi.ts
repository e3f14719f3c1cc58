import { z } from "zod";
import { API_PREFIX, type Operation, OPERATIONS } from "../operations.ts";
import { OPERATION_IDS, routeOf } from "../routes/routes.ts";
import { EVENTS } from "../schemas/events.ts";
import { problem } from "../schemas/problem.ts";

type Json = { readonly [name: string]: unknown };

const BINARY = { schema: { type: "string", format: "binary" } };

/**
 * The OpenAPI 3.1 document of all operations, made from the schemas that the daemon checks by.
 * @see https://spec.openapis.org/oas/v3.1.0
 */
export function toOpenApi(version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const id of OPERATION_IDS) {
    const { method, path, scope }: Operation = OPERATIONS[id];
    const { summary, path: parts, query, body, answer } = routeOf(id);
    (paths[path] ??= {})[method.toLowerCase()] = {
      operationId: id,
      summary,
      description: scope === "public" ? "Needs no key." : `Needs the scope \`${scope}\`.`,
      security: scope === "public" ? [] : [{ key: [scope] }, { cookie: [] }],
      parameters: [...parametersOf(parts, "path"), ...parametersOf(query, "query")],
      ...(body === undefined
        ? {}
        : {
            requestBody: {
              required: true,
              content: { "application/json": { schema: schemaOf(body, "input") } },
            },
          }),
      responses: {
        200: { description: "Done", content: contentOf(answer) },
        default: {
          description: "Refused or failed",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Shoal", version, description: "The daemon's interface for programs." },
    servers: [{ url: API_PREFIX }],
    paths,
    components: {
      schemas: {
        Problem: schemaOf(problem, "output"),
        ...Object.fromEntries(
          Object.entries(EVENTS).map(([name, schema]) => [
            `event-${name}`,
            schemaOf(schema, "output"),
          ]),
        ),
      },
      securitySchemes: {
        key: { type: "http", scheme: "bearer" },
        cookie: { type: "apiKey", in: "cookie", name: "shoal_session" },
      },
    },
  };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return json;
}

function parametersOf(schema: z.ZodObject | undefined, place: "path" | "query"): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  });
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

function contentOf(answer: z.ZodType | "bytes" | "events"): Json {
  if (answer === "bytes") return { "application/octet-stream": BINARY };
  if (answer === "events") return { "text/event-stream": { schema: { type: "string" } } };
  return { "application/json": { schema: schemaOf(answer, "output") } };
}
