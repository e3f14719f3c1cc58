/** What a node is asked by: EIP-1193's request, in the process or over HTTP. */
export interface Rpc {
  /**
   * @returns the result as JSON has it.
   * @throws {RpcError} when the node refuses.
   * @throws {ChainError} `unreachable` when nobody answers, `bad-answer` when it is not JSON-RPC.
   */
  request(request: {
    readonly method: string;
    readonly params?: readonly unknown[];
  }): Promise<unknown>;
}

/** A node, and what to call it in messages: never with a key that its address may hold. */
export interface Endpoint {
  readonly name: string;
  readonly rpc: Rpc;
}
