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

/** The largest number below 1. */
const BELOW_ONE = 1 - Number.EPSILON / 2;

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

  /** Notes a problem unless it is a number from `least` to `most`. Texts are none, also those that look like one. */
  within(input: string, value: number, least: number, most: number, message: string): this {
    return this.that(typeof value === 'number' && value >= least && value <= most, input, message);
  }

  number(input: string, value: number): this {
    return this.within(input, value, -GREATEST, GREATEST, 'must be a number within ±1e50');
  }

  positive(input: string, value: number): this {
    return this.within(input, value, SMALLEST, GREATEST, 'must be a number above 0, from 1e-50 to 1e50');
  }

  notNegative(input: string, value: number): this {
    return this.within(input, value, 0, GREATEST, 'must be a number from 0 to 1e50');
  }

  /** Between 0 and 1, both excluded. */
  share(input: string, value: number): this {
    return this.within(input, value, Number.MIN_VALUE, BELOW_ONE, 'must be above 0 and below 1');
  }

  /** Smaller ones would need intervals beyond the range of doubles. */
  alpha(value: number): this {
    return this.within('alpha', value, 1e-100, BELOW_ONE, 'must be at least 1e-100 and below 1');
  }

  power(value: number, alpha: number): this {
    const good = typeof value === 'number' && value > alpha / 2 && value < 1;
    return this.that(good, 'power', 'must be above alpha / 2 and below 1');
  }

  count(input: string, value: number, least = 0): this {
    return this.that(Number.isSafeInteger(value) && value >= least, input, `must be a whole number, at least ${least}`);
  }

  list(input: string, value: readonly unknown[], least: number): this {
    const good = Array.isArray(value) && value.length >= least;
    return this.that(good, input, `must be a list${least === 0 ? '' : ` of at least ${least}`}`);
  }

  text(input: string, value: string): this {
    return this.that(typeof value === 'string', input, 'must be a text');
  }

  object(input: string, value: unknown): this {
    return this.that(typeof value === 'object' && value !== null, input, 'must be an object');
  }

  /** A list of objects, so that what they have can be looked at. @throws InvalidInputError when it is none. */
  objects(input: string, value: readonly unknown[], least: number): this {
    this.list(input, value, least).done();
    for (const [index, one] of value.entries()) this.object(`${input}[${index}]`, one);
    this.done();
    return this;
  }
}
