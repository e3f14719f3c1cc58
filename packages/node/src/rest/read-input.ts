import type { RouteShape } from "@shoal/api";
import type { HttpServerRequest } from "@shoal/runtime";
import { InputError, type InputProblem } from "./input-error.ts";

/**
 * What a handler is given: the parts of the path, of the query and of the body, each as its schema says.
 * @throws {InputError} with all that is wrong.
 */
export function readInput(
  route: RouteShape,
  parts: Readonly<Record<string, string>>,
  { target, body }: Pick<HttpServerRequest, "target" | "body">,
): object {
  const problems: InputProblem[] = [];
  const input: Record<string, unknown> = {};
  const take = (schema: RouteShape["body"], value: unknown, place: string): void => {
    if (schema === undefined) return;
    const read = schema.safeParse(value);
    if (read.success) Object.assign(input, read.data);
    else {
      for (const { path, message } of read.error.issues) {
        problems.push({ path: [place, ...path].map(String).join("."), message });
      }
    }
  };
  take(route.path, parts, "path");
  take(route.query, Object.fromEntries(new URLSearchParams(target.split("?")[1] ?? "")), "query");
  if (route.body !== undefined) take(route.body, readJson(body), "body");
  if (problems.length > 0) throw new InputError(problems);
  return input;
}

function readJson(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new InputError([{ path: "body", message: "This is not JSON in UTF-8." }]);
  }
}
