/** What one of those who share a limit makes of its part. */
export interface Demand {
  /** What it uses now. */
  readonly used: number;
  /** What it may use now. */
  readonly share: number;
  /** How much more than others it is to get when there is not enough for all: more than 0. */
  readonly weight: number;
}

/** Part of a limit that is divided equally, so that whoever begins to need something can show it. */
const RESERVED_PART = 0.05;
/** Who uses so much of its share would use more. */
const HUNGRY_PART = 0.9;
/** The others get so much more than they use, since use goes up and down. */
const HEADROOM = 1.25;

/**
 * Divides a limit by demand: an equal part for everybody first, then what each makes use of, then the rest by
 * weight among those who use up what they have; equally where there is nobody like that.
 * @param total A whole number, 0 or more.
 * @returns Whole numbers that sum up to `total`.
 */
export function divide(total: number, demands: readonly Demand[]): number[] {
  if (demands.length === 0) return [];
  const reserve = Math.max(1, Math.floor((total * RESERVED_PART) / demands.length));
  const base = Math.min(reserve, Math.floor(total / demands.length));
  const wants = demands.map(({ used, share }) =>
    used >= share * HUNGRY_PART ? Infinity : Math.max(0, used * HEADROOM - base),
  );
  const weights = demands.map(({ weight }) => weight);
  const shares = new Array<number>(demands.length).fill(base);
  let left = total - base * demands.length;
  left -= pour(shares, left, wants, weights);
  pour(
    shares,
    left,
    shares.map(() => Infinity),
    shares.map(() => 1),
  );
  return round(shares, total);
}

/**
 * Divides places of which it is known how many each wants: those, equally where there are not enough; the rest
 * equally among all, for who begins to want one.
 * @param total A whole number, 0 or more.
 * @returns Whole numbers that sum up to `total`.
 */
export function divideWanted(total: number, wanted: readonly number[]): number[] {
  const shares = wanted.map(() => 0);
  const weights = wanted.map(() => 1);
  const left = total - pour(shares, total, wanted, weights);
  pour(
    shares,
    left,
    shares.map(() => Infinity),
    weights,
  );
  return round(shares, total);
}

/** Gives each what it wants, or by weight where that is less. @returns What was given. */
function pour(
  shares: number[],
  amount: number,
  wants: readonly number[],
  weights: readonly number[],
): number {
  let left = amount;
  let thirsty = wants.flatMap((want, index) => (want > 0 ? [index] : []));
  while (thirsty.length > 0 && left > 0) {
    const weight = thirsty.reduce((sum, index) => sum + weights[index]!, 0);
    const level = left / weight;
    const content = thirsty.filter((index) => wants[index]! <= level * weights[index]!);
    const served = content.length > 0 ? content : thirsty;
    for (const index of served) {
      const given = Math.min(wants[index]!, level * weights[index]!);
      shares[index]! += given;
      left -= given;
    }
    if (content.length === 0) return amount;
    thirsty = thirsty.filter((index) => !content.includes(index));
  }
  return amount - left;
}

/** Whole numbers with the same sum; what is left over goes to the first. */
function round(shares: readonly number[], total: number): number[] {
  const whole = shares.map((share) => Math.floor(share));
  let left = total - whole.reduce((sum, share) => sum + share, 0);
  for (let index = 0; left > 0; index = (index + 1) % whole.length) {
    whole[index]!++;
    left--;
  }
  return whole;
}
