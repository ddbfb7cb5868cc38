import { addSums, type Sums } from 'fbcenter/statistics';
import type { Random } from './random.js';

/** Draws the sums of a metric over so many new users. */
export type Metric = (random: Random, users: number) => Sums;

/** Users convert with this probability. */
export function conversion(rate: number): Metric {
  return (random, n) => {
    const converted = random.binomial(n, rate);
    return { n, sum: converted, sumSquares: converted };
  };
}

/** 5 % convert. */
export const CONVERSION = conversion(0.05);

/** Users buy with this probability, for amounts whose logarithm is normal: the greater `spread`, the heavier the tail. */
export function revenue(rate: number, spread: number): Metric {
  return (random, n) => {
    let [sum, sumSquares] = [0, 0];
    for (let buyers = random.binomial(n, rate); buyers > 0; buyers--) {
      const amount = Math.exp(3 + spread * random.normal());
      sum += amount;
      sumSquares += amount * amount;
    }
    return { n, sum, sumSquares };
  };
}

/** What is seen at a look. */
export interface Seen {
  readonly control: Sums;
  readonly treatment: Sums;
}

/** Numbers of users of one variation that come between looks. */
export type Schedule = readonly number[];

export const USERS_PER_DAY = 500;

export function daily(days: number): Schedule {
  return new Array<number>(days).fill(USERS_PER_DAY);
}

/** Hours get whole users, and days as many as {@link daily} gives them. */
export function hourly(days: number): Schedule {
  const until = (hour: number): number => Math.floor((hour * USERS_PER_DAY) / 24);
  return Array.from({ length: 24 * days }, (_, hour) => until(hour + 1) - until(hour));
}

const NOBODY: Sums = { n: 0, sum: 0, sumSquares: 0 };

/** One experiment, look by look. */
export function* experiment(random: Random, control: Metric, treatment: Metric, schedule: Schedule): Generator<Seen> {
  let seen: Seen = { control: NOBODY, treatment: NOBODY };
  for (const users of schedule) {
    seen = {
      control: addSums(seen.control, control(random, users)),
      treatment: addSums(seen.treatment, treatment(random, users)),
    };
    yield seen;
  }
}
