import type { Answer, Input, JsonOperationId, OperationId } from "@shoal/api";
import type { HttpServerRequest, HttpServerResponse } from "@shoal/runtime";
import type { Caller } from "../access/caller.ts";

/** What a handler may want beside its input. */
export interface Call {
  readonly caller: Caller;
  readonly request: HttpServerRequest;
  /** Headers to send beside the answer, such as a cookie. */
  readonly setHeader: (name: string, value: string) => void;
}

/** Carries out an operation that answers JSON. Its input has been checked against the operation's schemas. */
export type JsonHandler<Id extends JsonOperationId> = (
  input: Input<Id>,
  call: Call,
) => Answer<Id> | Promise<Answer<Id>>;

/** Carries out an operation that answers bytes or events, headers included. */
export type RawHandler<Id extends OperationId> = (
  input: Input<Id>,
  call: Call,
) => HttpServerResponse | Promise<HttpServerResponse>;

/** A handler for every operation, by its ID. */
export type Handlers = {
  readonly [Id in OperationId]: Id extends JsonOperationId ? JsonHandler<Id> : RawHandler<Id>;
};
