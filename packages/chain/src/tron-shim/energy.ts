/** One step of a trace, as `debug_traceTransaction` gives it. */
export interface TraceStep {
  readonly op: string;
  readonly gas: number;
  readonly gasCost: number;
  readonly depth: number;
  readonly stack: readonly string[] | null;
}

export interface Trace {
  readonly failed: boolean;
  readonly gas: number;
  readonly returnValue: string;
  readonly structLogs: readonly TraceStep[];
}

/**
 * What the TVM takes where it takes other than an EVM of today: it has neither cold and warm storage (EIP-2929) nor
 * net metering of writes (EIP-2200).
 * @see TRON's table of opcodes; java-tron, `EnergyCost`
 */
const TVM_COSTS: Readonly<Record<string, number>> = {
  SLOAD: 50,
  BALANCE: 20,
  SELFBALANCE: 5,
  EXTCODESIZE: 20,
  EXTCODEHASH: 400,
};
const TVM_CALL = 40;
const TVM_VALUE_TRANSFER = 9_000;
const TVM_SSTORE_SET = 20_000;
const TVM_SSTORE_RESET = 5_000;

/** What the EVM takes for a write that sets a slot from zero: 20,000, and 2,100 more for the first touch. */
const EVM_SSTORE_SET = 20_000;
/** What the EVM takes for naming an account: the first time, and after that. */
const EVM_COLD_ACCOUNT = 2_600;
const EVM_WARM_ACCOUNT = 100;

const CALLS = new Set(["CALL", "CALLCODE", "DELEGATECALL", "STATICCALL"]);
const CREATES = new Set(["CREATE", "CREATE2"]);
const CREATE_BASE = 32_000;

/**
 * Energy of what an EVM traced: each step at the TVM's price. An approximation, and a close one: the two differ where
 * a transaction writes a slot twice, and in what calls of calls pay for memory.
 */
export function energyOfTrace(trace: Trace): bigint {
  let energy = 0;
  const steps = trace.structLogs;
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index];
    if (step === undefined) break;
    const known = TVM_COSTS[step.op];
    if (known !== undefined) energy += known;
    else if (step.op === "SSTORE") {
      energy += step.gasCost >= EVM_SSTORE_SET ? TVM_SSTORE_SET : TVM_SSTORE_RESET;
    } else if (CALLS.has(step.op)) energy += costOfCall(steps, index);
    else if (CREATES.has(step.op)) energy += CREATE_BASE;
    else energy += step.gasCost;
  }
  return BigInt(energy);
}

function costOfCall(steps: readonly TraceStep[], index: number): number {
  const step = steps[index] as TraceStep;
  const next = steps[index + 1];
  const hasValue =
    (step.op === "CALL" || step.op === "CALLCODE") && BigInt(step.stack?.at(-3) ?? "0x0") !== 0n;
  const base = TVM_CALL + (hasValue ? TVM_VALUE_TRANSFER : 0);
  // The steps of what is called follow, and are counted by themselves.
  if (next === undefined || next.depth !== step.depth) return base;
  // Nothing was executed: a precompile, or an account without code.
  const spent = step.gas - next.gas;
  const named = spent >= EVM_COLD_ACCOUNT ? EVM_COLD_ACCOUNT : EVM_WARM_ACCOUNT;
  return base + Math.max(spent - named - (hasValue ? TVM_VALUE_TRANSFER : 0), 0);
}
