import { type Asset, ChainError, type Network } from "@shoal/chain";

/** What `coin` and `btt` mean on a network. @throws {ChainError} `not-found` where BTT is not known to be. */
export function assetOn({ info }: Network, kind: "coin" | "btt"): Asset {
  if (kind === "coin") return { kind: "coin" };
  if (info.btt !== null) return info.btt.asset;
  throw new ChainError("not-found", `Where BTT is on ${info.title} is not known.`);
}
