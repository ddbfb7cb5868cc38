import type { Failure } from './flags/failure.js';
import { type Warning, warningText } from './flags/warnings.js';
import type { Log } from './runtime/log.js';

/** Logs that an evaluation returned the default. */
export function logFailure(log: Log, flagKey: unknown, failure: Failure): void {
  if (failure.reason === 'ClientNotReady') {
    log.write('warn', 'client-not-ready', 'evaluations return defaults: the client has no data yet');
    return;
  }
  const named = typeof flagKey === 'string';
  const message = () => `${named ? `flag "${flagKey}"` : 'a flag'} returned the default: ${failure.text}`;
  log.write('warn', 'evaluation-failed', message, named ? { flagKey } : undefined);
}

/** Logs what works, but hardly as somebody meant it. */
export function logWarning(log: Log, warning: Warning): void {
  const { kind, subject, key } = warning;
  log.write('warn', kind, warningText(warning), subject === 'flag' ? { flagKey: key } : undefined);
}
