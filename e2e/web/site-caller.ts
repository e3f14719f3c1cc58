import type { Daemon } from "@shoal/node";

export interface SiteAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A web site's own side of the wallet's interface, of whatever origin. */
export interface SiteCaller {
  ask(method: string, params?: readonly unknown[]): Promise<SiteAnswer>;
}

/** @param origin As a browser would tell it. */
export function callAsSite({ url }: Pick<Daemon, "url">, origin: string): SiteCaller {
  let token: string | null = null;
  return {
    async ask(method, params = []) {
      const response = await fetch(new URL("/provider/rpc", url), {
        method: "POST",
        headers: {
          "content-type": "application/json",
          origin,
          ...(token !== null && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ method, params }),
      });
      const { token: given, ...answer } = (await response.json()) as SiteAnswer & {
        readonly token?: string;
      };
      token = given ?? token;
      return answer;
    },
  };
}

/** A call of ERC-20's `transfer`. */
export function transferData(to: string, wei: bigint): string {
  const words = [to.slice(2).toLowerCase(), wei.toString(16)];
  return `0xa9059cbb${words.map((word) => word.padStart(64, "0")).join("")}`;
}
