/** Name look-up. */
export interface Dns {
  /**
   * The addresses of a host, in the order to try them. An IP address resolves to itself.
   * @param options.mayStayName The caller can do with the name in place of addresses: behind a proxy, which looks
   * names up itself, that is what it gets.
   * @throws {DnsError} `not-found` or `failed`.
   */
  resolve(
    host: string,
    options?: { family?: 4 | 6; mayStayName?: boolean; signal?: AbortSignal },
  ): Promise<readonly string[]>;
}
