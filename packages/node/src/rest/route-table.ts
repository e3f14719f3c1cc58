import { OPERATION_IDS, OPERATIONS, type OperationId } from "@shoal/api";

/** An operation that a request means, and the parts of its path. */
export interface Match {
  readonly id: OperationId;
  readonly parts: Readonly<Record<string, string>>;
}

interface Template {
  readonly id: OperationId;
  readonly method: string;
  readonly segments: readonly string[];
}

const TEMPLATES: readonly Template[] = OPERATION_IDS.map((id) => ({
  id,
  method: OPERATIONS[id].method,
  segments: OPERATIONS[id].path.split("/"),
}));

/**
 * Finds what a request means. Literal segments come before parameters.
 * @param path Below the prefix, percent-encoded.
 * @returns The methods that the path has when the request's is none of them; empty when there is no such path.
 */
export function matchRoute(
  method: string,
  path: string,
): Match | { readonly allowed: readonly string[] } {
  const segments = path.split("/");
  const found = TEMPLATES.filter((template) => fits(template.segments, segments)).toSorted(
    (a, b) => parameterCount(a) - parameterCount(b),
  );
  const template = found.find((each) => each.method === method);
  if (template === undefined) return { allowed: [...new Set(found.map((each) => each.method))] };
  const parts: Record<string, string> = {};
  for (const [index, segment] of template.segments.entries()) {
    const name = parameterOf(segment);
    if (name !== null) parts[name] = decodeURIComponent(segments[index]!);
  }
  return { id: template.id, parts };
}

function fits(template: readonly string[], segments: readonly string[]): boolean {
  if (template.length !== segments.length) return false;
  return template.every((part, index) => {
    const segment = segments[index]!;
    return parameterOf(part) === null ? part === segment : segment !== "" && isDecodable(segment);
  });
}

function parameterOf(segment: string): string | null {
  return segment.startsWith("{") ? segment.slice(1, -1) : null;
}

function parameterCount({ segments }: Template): number {
  return segments.filter((segment) => parameterOf(segment) !== null).length;
}

function isDecodable(segment: string): boolean {
  try {
    decodeURIComponent(segment);
    return true;
  } catch {
    return false;
  }
}
