import type { FlagUsage } from '../../api/usage.js';
import { Since } from '../../ui/controls.js';
import { Icon } from '../../ui/icon.js';
import { SparkLine } from '../../ui/spark-line.js';

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export function Use({
  usage,
  staleReason,
}: {
  readonly usage: FlagUsage | undefined;
  readonly staleReason: string | undefined;
}) {
  return (
    <>
      {usage?.lastAt === undefined ? (
        <span className="muted">never</span>
      ) : (
        <span className="figure">
          {usage.hours !== undefined && <SparkLine values={usage.hours} />}
          <span title={`${usage.count.toLocaleString('en')} evaluations in all`}>{COMPACT.format(usage.count)}</span> ·{' '}
          <Since at={usage.lastAt} />
        </span>
      )}
      {staleReason !== undefined && (
        <span className="stale" title={`Stale: ${staleReason}`}>
          <Icon name="leaf" /> stale
        </span>
      )}
    </>
  );
}
