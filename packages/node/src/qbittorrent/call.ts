import type { HttpServerRequest } from "@shoal/runtime";
import type { RemoteCall } from "../remote/remote-control.ts";
import type { ContentPaths } from "./content-paths.ts";
import type { MainData } from "./main-data.ts";
import type { Parameters } from "./parameters.ts";

/** What a request is answered with. */
export interface QbCall extends RemoteCall {
  readonly request: HttpServerRequest;
  readonly parameters: Parameters;
  readonly contents: ContentPaths;
  readonly mainData: MainData;
}

/** One method of the API. */
export interface QbMethod {
  /** Whether it may be asked by GET too; whatever changes something comes by POST alone. */
  readonly reads: boolean;
  /** What is sent back, now or later: a text as it is, anything else as JSON, nothing for undefined. */
  readonly answer: (call: QbCall) => unknown;
}

export function reads(answer: QbMethod["answer"]): QbMethod {
  return { reads: true, answer };
}

export function changes(answer: QbMethod["answer"]): QbMethod {
  return { reads: false, answer };
}
