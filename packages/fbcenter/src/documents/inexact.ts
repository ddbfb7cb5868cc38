import { parseDecimal } from 'fbclient/core';
import { misreadNumber } from '../model/exact-number.js';
import type { Faults } from './faults.js';

/** Warns of a number in a text that SDKs read as another one. */
export function warnOfInexact(text: string, path: string, faults: Faults): void {
  const becomes = parseDecimal(text) === undefined ? undefined : misreadNumber(text);
  if (becomes === undefined) return;
  faults.warn(
    'inexact-number',
    path,
    `SDKs that count in doubles read this as ${becomes}; JavaScript's is one of them.`,
  );
}
