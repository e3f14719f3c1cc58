import type { ApiClient } from "@shoal/api/client";
import type { HttpResponse } from "@shoal/runtime";

/** The daemon that a command talks to. */
export interface DaemonLink {
  readonly client: ApiClient;
  /** Sends any request, and answers as soon as the headers are there: for streams. */
  open(method: string, target: string, signal?: AbortSignal): Promise<HttpResponse>;
}
