/** What the network's committee decides, at the main network's values of late 2025. Amounts are in sun. */
export interface ChainParameters {
  /** One unit of energy. */
  readonly energyFeeSun: bigint;
  /** One byte of bandwidth. */
  readonly transactionFeeSun: bigint;
  /** Bandwidth that every account has for nothing, in 24 hours. */
  readonly freeNetLimit: number;
  /** Instead of bandwidth, for a transfer that makes an account. */
  readonly createAccountFeeSun: bigint;
  /** And beside it. */
  readonly createNewAccountFeeSun: bigint;
  readonly memoFeeSun: bigint;
  readonly maxFeeLimitSun: bigint;
}

export const MAIN_NETWORK_PARAMETERS: ChainParameters = {
  energyFeeSun: 100n,
  transactionFeeSun: 1000n,
  freeNetLimit: 600,
  createAccountFeeSun: 100_000n,
  createNewAccountFeeSun: 1_000_000n,
  memoFeeSun: 1_000_000n,
  maxFeeLimitSun: 15_000_000_000n,
};

/** As `getchainparameters` lists them. */
export function listParameters(parameters: ChainParameters): { key: string; value: bigint }[] {
  return [
    { key: "getMaintenanceTimeInterval", value: 21_600_000n },
    { key: "getCreateAccountFee", value: parameters.createAccountFeeSun },
    { key: "getTransactionFee", value: parameters.transactionFeeSun },
    { key: "getCreateNewAccountFeeInSystemContract", value: parameters.createNewAccountFeeSun },
    { key: "getEnergyFee", value: parameters.energyFeeSun },
    { key: "getMaxCpuTimeOfOneTx", value: 80n },
    { key: "getFreeNetLimit", value: BigInt(parameters.freeNetLimit) },
    { key: "getMaxFeeLimit", value: parameters.maxFeeLimitSun },
    { key: "getMemoFee", value: parameters.memoFeeSun },
  ];
}
