import { type Address, ChainError, type Network } from "@shoal/chain";

/**
 * Where one of Shoal's contracts is: as named, or as known.
 * @throws {ChainError} `not-found`.
 */
export function findContract(network: Network, name: string, given: string | undefined): Address {
  if (given !== undefined) return network.parseAddress(given);
  const address = network.info.contracts[name];
  if (address !== undefined) return address;
  throw new ChainError(
    "not-found",
    `Where ${name} is on ${network.info.title} is not known: name it with --contract, or deploy it (shoal contracts deploy).`,
  );
}
