import {
  type Answer,
  type JsonOperationId,
  type OperationId,
  type RouteShape,
  routeOf,
  type Sent,
} from "@shoal/api";
import { assertAllowed } from "../rest/assert-allowed.ts";
import type { Call, Handlers } from "../rest/handlers.ts";
import { InputError, type InputProblem } from "../rest/input-error.ts";

/** The daemon's operations, as one caller may carry them out from within. */
export interface Operations {
  /**
   * Carries out an operation under the rules of REST: scopes, and the bounds of its schemas.
   * @throws {NodeError} `unauthorized` or `forbidden`; {InputError}; whatever the operation throws.
   */
  call<Id extends JsonOperationId>(
    id: Id,
    ...input: object extends Sent<Id> ? [input?: Sent<Id>] : [input: Sent<Id>]
  ): Promise<Answer<Id>>;
}

/** Interfaces of other clients are translations: what they ask for goes through the same operations as REST. */
export function createOperations(handlers: Handlers, call: Call): Operations {
  return {
    async call(id, ...[input]) {
      assertAllowed(id, call.caller);
      const handle = handlers[id] as (input: object, call: Call) => unknown;
      return (await handle(checkInput(id, input ?? {}), call)) as never;
    },
  };
}

function checkInput(id: OperationId, input: object): object {
  const { path, query, body }: RouteShape = routeOf(id);
  const problems: InputProblem[] = [];
  const checked: Record<string, unknown> = {};
  for (const schema of [path, query, body]) {
    const read = schema?.safeParse(input);
    if (read?.success === true) Object.assign(checked, read.data);
    for (const issue of read?.error?.issues ?? []) {
      problems.push({ path: issue.path.map(String).join("."), message: issue.message });
    }
  }
  if (problems.length > 0) throw new InputError(problems);
  return checked;
}
