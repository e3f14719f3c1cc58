/** By which way everything leaves. */
export interface NetworkFlags {
  readonly proxy?: string;
  readonly proxyFile?: string;
  readonly interface?: string;
  readonly nameServer?: readonly string[];
}
