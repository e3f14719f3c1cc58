import { ShoalError } from "@shoal/runtime";

/** One thing that is wrong with a request's input. */
export interface InputProblem {
  /** Such as `body.priority`. */
  readonly path: string;
  readonly message: string;
}

/** What a request brought is not what the operation takes. */
export class InputError extends ShoalError<"bad-input"> {
  readonly problems: readonly InputProblem[];

  constructor(problems: readonly InputProblem[]) {
    const [first] = problems;
    super("bad-input", first === undefined ? "Bad input." : `${first.path}: ${first.message}`);
    this.problems = problems;
  }
}
