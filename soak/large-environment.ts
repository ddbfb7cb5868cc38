import { envelope } from '../packages/fbclient/test/support/fault-data.js';
import { everybody, updatedAt, wireFlag, wireRule } from '../packages/fbclient/test/support/wire.js';

export const FLAGS = 10_000;
/** Length of a flag's JSON, in bytes. */
const FLAG_SIZE = 2_000;
const SMALL_FLAGS = 100;

/** One of the flags, with what flags have: targets, rules, a rollout, a JSON value. */
function flag(index: number, value: string, version: number) {
  const base = wireFlag(`flag-${index}`, value, {
    updatedAt: updatedAt(version),
    targetUsers: [{ keyIds: Array.from({ length: 20 }, (_, user) => `user-${index}-${user}`), variationId: 'v-off' }],
    rules: [
      wireRule([
        { property: 'country', op: 'IsOneOf', value: '["de","it","es"]' },
        { property: 'email', op: 'MatchRegex', value: `^user${index}@` },
      ]),
      wireRule([{ property: 'age', op: 'BiggerThan', value: '30' }], 'v-off'),
    ],
    fallthrough: everybody('v-on'),
  });
  const size = JSON.stringify(base).length;
  const filler = JSON.stringify({ note: 'x'.repeat(Math.max(FLAG_SIZE - size - 60, 0)) });
  return { ...base, variations: [...base.variations, { id: 'v-json', value: filler }] };
}

/** The full sync that is so large. */
export function fullText(value: string, version: number): string {
  return envelope(
    'full',
    Array.from({ length: FLAGS }, (_, index) => flag(index, value, version)),
  );
}

/** The same environment asked for again: of what {@link fullText} brought only the first flag is different. */
export function againText(value: string, version: number, first: string, firstVersion: number): string {
  const rest = Array.from({ length: FLAGS - 1 }, (_, index) => flag(index + 1, value, version));
  return envelope('full', [flag(0, first, firstVersion), ...rest]);
}

/** What the environment is before. */
export const SMALL = Array.from({ length: SMALL_FLAGS }, (_, index) => flag(index, 'old', 1));

/** A patch of the first flag. */
export function flagText(value: string, version: number): string {
  return envelope('patch', [flag(0, value, version)]);
}
