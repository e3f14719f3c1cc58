import { ShoalError } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import { InputError } from "../rest/input-error.ts";

/** A request that qBittorrent would refuse, with the status that it would give. */
export class WebApiError extends ShoalError<"web-api"> {
  readonly status: number;

  constructor(status: number, message: string) {
    super("web-api", message);
    this.status = status;
  }
}

/** Any failure as this interface tells it. Who may not is told 403, as qBittorrent does: clients sign in again then. */
export function toWebApiError(error: unknown): WebApiError {
  if (error instanceof WebApiError) return error;
  if (error instanceof InputError) return new WebApiError(400, error.message);
  if (error instanceof NodeError) {
    return new WebApiError(error.status === 401 ? 403 : error.status, error.message);
  }
  if (error instanceof RangeError || error instanceof TypeError) {
    return new WebApiError(400, error.message);
  }
  if (error instanceof ShoalError) {
    return new WebApiError(error.code === "not-found" ? 404 : 409, error.message);
  }
  return new WebApiError(500, "This failed inside the daemon; its log says more.");
}
