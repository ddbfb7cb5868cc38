import type { FlagUsage } from '../../api/usage.js';
import { figure } from '../../model/figure.js';
import { Ago } from '../../ui/controls.js';
import { Icon } from '../../ui/icon.js';
import { SparkLine } from '../../ui/spark-line.js';

let compact: Intl.NumberFormat | undefined;

/** `1.2K`. */
function inShort(number: number): string {
  if (number < 1_000) return String(number);
  compact ??= new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
  return compact.format(number);
}

export function Use({
  usage,
  staleReason,
  now,
}: {
  /** `undefined` until it is known: that a flag was never evaluated is something else. */
  readonly usage: FlagUsage | undefined;
  readonly staleReason: string | undefined;
  readonly now: number;
}) {
  return (
    <>
      {usage === undefined ? (
        <span className="muted">…</span>
      ) : usage.lastAt === undefined ? (
        <span className="muted">never</span>
      ) : (
        <span className="figure">
          {usage.hours !== undefined && <SparkLine values={usage.hours} />}
          <span title={`${figure(usage.count)} evaluations in all`}>{inShort(usage.count)}</span>
        </span>
      )}
      {staleReason !== undefined ? (
        <span className="stale" title={`Stale: ${staleReason}`}>
          <Icon name="leaf" /> stale
        </span>
      ) : (
        usage?.lastAt !== undefined && (
          <span className="last">
            <Ago at={usage.lastAt} now={now} />
          </span>
        )
      )}
    </>
  );
}
