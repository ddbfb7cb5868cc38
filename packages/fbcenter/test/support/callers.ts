import { type CallerParts, Callers } from '../../src/access/callers.js';
import { systemClock } from '../../src/runtime/clock.js';

/** Those who call a center where only secrets are known, unless more is given. */
export function callersWith(
  settingsToken: string,
  secrets: CallerParts['secrets'],
  parts: Partial<CallerParts> = {},
): Callers {
  const nothing = { byDigest: async () => undefined };
  return new Callers(settingsToken, {
    secrets,
    sessions: nothing,
    tokens: nothing,
    clock: systemClock,
    used: () => {},
    ...parts,
  });
}
