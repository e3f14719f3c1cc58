import type { HttpRequestHead, HttpServerRequest, HttpServerResponse } from "@shoal/runtime";
import type { Caller } from "../access/caller.ts";

/** One interface of the daemon over HTTP: REST, Transmission's RPC, the content gateway, the web UI. */
export interface Face {
  /** Whether a request is this face's; the first face that says so answers it. @param path Without the query. */
  owns(path: string, request: HttpRequestHead): boolean;
  /** The longest body that its requests may bring, in bytes. */
  maxBodyBytes(method: string, path: string, request: HttpRequestHead): number;
  /**
   * It is for pages of other sites, which are told by their origin and a secret of the face's own: `Access.admitPage` looks at
   * its requests, and passwords, cookies and keys count for nothing. False when absent.
   */
  readonly isForPages?: boolean;
  handle(
    request: HttpServerRequest,
    caller: Caller,
  ): Promise<HttpServerResponse> | HttpServerResponse;
}
