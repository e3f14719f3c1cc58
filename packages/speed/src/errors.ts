/** What a peer sent as `bt_pay` is not of its form; the connection is closed for it. */
export class PayWireError extends Error {
  override readonly name = "PayWireError";
  readonly code = "pay-wire";
}
