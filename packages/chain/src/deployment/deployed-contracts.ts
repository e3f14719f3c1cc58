/**
 * Shoal's contracts that everybody may use, by chain id and name. A chain is added by whoever deploys there for all,
 * after `shoal contracts verify`.
 */
export const DEPLOYED_CONTRACTS: Readonly<Record<number, Readonly<Record<string, string>>>> = {};
