import { useUsage } from '../../api/queries.js';
import { VariationName } from '../../editing/sentence.js';
import { colorIndex } from '../../editing/serving-editor.js';
import type { FlagDocument } from '../../model/document.js';
import { timeOf } from '../../model/time.js';
import { Since, Skeleton } from '../../ui/controls.js';
import { LoadFailure } from '../../ui/notice.js';
import { FlagCode } from './flag-code.js';

/** How often each variation was served. */
export function InsightsTab({ environment, flag }: { readonly environment: string; readonly flag: FlagDocument }) {
  const usage = useUsage(environment);
  if (usage.data === undefined)
    return usage.error === null ? <Skeleton lines={5} /> : <LoadFailure of={usage} what="The figures" />;
  const own = usage.data.get(flag.key);
  const counts = new Map(own?.variations.map((variation) => [variation.id, variation]) ?? []);
  const total = own?.count ?? 0;
  const ids = [...new Set([...flag.variations.map(({ id }) => id), ...counts.keys()])];
  return (
    <div className="insights">
      <LoadFailure of={usage} what="The figures" />
      {total === 0 ? (
        <>
          <p role="status">
            <strong>Nobody has asked for this flag yet.</strong> This page waits: the first evaluation shows within
            seconds.
          </p>
          <FlagCode environment={environment} flag={flag} />
        </>
      ) : (
        <>
          <p className="total">
            <strong>{total.toLocaleString('en')}</strong> evaluations
            {own?.lastAt !== undefined && (
              <span className="quiet">
                {' '}
                the last one <Since at={own.lastAt} />
              </span>
            )}
          </p>
          <table className="counts">
            <thead>
              <tr>
                <th scope="col">Variation</th>
                <th scope="col">Share</th>
                <th scope="col" className="number">
                  Evaluations
                </th>
                <th scope="col">Last</th>
              </tr>
            </thead>
            <tbody>
              {ids.map((id) => {
                const { count = 0, lastAt } = counts.get(id) ?? {};
                const time = timeOf(lastAt);
                const share = (count / total) * 100;
                return (
                  <tr key={id}>
                    <th scope="row">
                      <VariationName flag={flag} id={id} />
                    </th>
                    <td className="bar-cell">
                      <span className={`bar v${colorIndex(flag, id)}`} style={{ width: `${share}%` }} />
                      <span>{share.toFixed(1)} %</span>
                    </td>
                    <td className="number">{count.toLocaleString('en')}</td>
                    <td className="quiet">{time === undefined ? 'never' : <Since at={time} />}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </>
      )}
    </div>
  );
}
