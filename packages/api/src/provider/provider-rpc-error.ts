/** A call that failed. @see EIP-1193, `ProviderRpcError` */
export class ProviderRpcError extends Error {
  /** 4001: refused; 4100: not connected; 4200: no such method; 4900: Shoal is not reached; and what nodes say. */
  readonly code: number;
  readonly data?: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = "ProviderRpcError";
    this.code = code;
    if (data !== undefined) this.data = data;
  }
}
