/** Name look-up. */
export interface Dns {
  /**
   * The addresses of a host, in the order to try them. An IP address resolves to itself.
   * @throws {DnsError} `not-found` or `failed`.
   */
  resolve(
    host: string,
    options?: { family?: 4 | 6; signal?: AbortSignal },
  ): Promise<readonly string[]>;
}
