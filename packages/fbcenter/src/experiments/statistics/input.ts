/** One value that cannot be used. */
export interface InputProblem {
  /** Where it is in the input, such as `control.sumSquares`. */
  readonly input: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
}

/**
 * Values that no statistics can be made of: a program's mistake, or damaged sums. What experiments can honestly come to
 * (nobody yet, no variance) is a `status` in the result and no error.
 */
export class InvalidInputError extends RangeError {
  override readonly name = 'InvalidInputError';
  readonly code = 'invalid-input';
  /** At most twenty, each of another value. */
  readonly problems: readonly InputProblem[];

  constructor(problems: readonly InputProblem[]) {
    super(problems.map(({ input, message }) => `${input} ${message}`).join('; '));
    this.problems = problems;
  }
}

/** The share of false alarms that is accepted where there is no difference. */
export const DEFAULT_ALPHA = 0.05;
/** The chance to find a difference of the planned size. */
export const DEFAULT_POWER = 0.8;
/** Users of both variations together at which always-valid intervals are narrowest. */
export const DEFAULT_TUNING = 10_000;

/** Within these, every formula stays within the range of doubles. */
export const GREATEST = 1e50;
export const SMALLEST = 1e-50;

/** A list of a million values may have as many problems. */
const MOST_PROBLEMS = 20;

/** Looks at values one after the other, and rejects all that are unusable together. */
export class InputCheck {
  readonly #problems: InputProblem[] = [];

  /** @throws InvalidInputError when there was a problem. */
  done(): void {
    if (this.#problems.length > 0) throw new InvalidInputError(this.#problems);
  }

  /** Notes a problem unless `good`. The first one of a value says enough. */
  that(good: boolean, input: string, message: string): this {
    if (good || this.#problems.length === MOST_PROBLEMS) return this;
    if (!this.#problems.some((problem) => problem.input === input)) this.#problems.push({ input, message });
    return this;
  }

  number(input: string, value: number): this {
    return this.that(Math.abs(value) <= GREATEST, input, 'must be a number within ±1e50');
  }

  positive(input: string, value: number): this {
    return this.that(value >= SMALLEST && value <= GREATEST, input, 'must be a number above 0, from 1e-50 to 1e50');
  }

  notNegative(input: string, value: number): this {
    return this.that(value >= 0 && value <= GREATEST, input, 'must be a number from 0 to 1e50');
  }

  /** Between 0 and 1, both excluded. */
  share(input: string, value: number): this {
    return this.that(value > 0 && value < 1, input, 'must be above 0 and below 1');
  }

  /** Smaller ones would need intervals beyond the range of doubles. */
  alpha(value: number): this {
    return this.that(value >= 1e-100 && value < 1, 'alpha', 'must be at least 1e-100 and below 1');
  }

  count(input: string, value: number): this {
    return this.that(Number.isSafeInteger(value) && value >= 0, input, 'must be a whole number, at least 0');
  }

  list(input: string, value: readonly unknown[], least: number): this {
    const good = Array.isArray(value) && value.length >= least;
    return this.that(good, input, `must be a list${least === 0 ? '' : ` of at least ${least}`}`);
  }
}
