/** Decimals of BTT on every network: amounts are integers of 10^-18 BTT ("wei"), never floats. */
export const BTT_DECIMALS = 18;
