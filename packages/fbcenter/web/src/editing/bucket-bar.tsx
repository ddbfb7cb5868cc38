import type { ExplainedRollout } from '../../../src/api/explanation.js';
import { type FlagDocument, labelOf } from '../model/document.js';
import { placeText } from '../model/explanation.js';
import { colorIndex } from './serving-editor.js';

/** A rollout with the place where the user falls. */
export function BucketBar({ flag, rollout }: { readonly flag: FlagDocument; readonly rollout: ExplainedRollout }) {
  const { attribute, text, bucket, intervals, interval } = rollout;
  const name = (id: string | null) => (id === null ? 'a variation that is not there' : labelOf(flag, id));
  const held = interval === null ? undefined : intervals[interval];
  const by = attribute === 'keyId' ? 'key' : attribute;
  return (
    <div className="bucket">
      <div
        className="bucket-bar"
        role="img"
        aria-label={`The user’s place is ${placeText(bucket)}; ${intervals.map(({ low, high, variationId }) => `${name(variationId)} from ${placeText(low)} to ${placeText(high)}`).join(', ')}`}
      >
        {intervals.map(({ low, high, variationId }, index) => (
          <span
            key={index}
            className={`segment v${variationId === null ? 9 : colorIndex(flag, variationId)} ${index === interval ? 'held' : ''}`}
            style={{ left: `${low * 100}%`, width: `${Math.max(0, high - low) * 100}%` }}
            title={`${name(variationId)}: ${placeText(low)} to ${placeText(high)}`}
          />
        ))}
        <span className="place" style={{ left: `${bucket * 100}%` }} />
      </div>
      <p className="quiet">
        Divided by {by}
        {text === '' ? (
          ', which the user does not have'
        ) : (
          <>
            {' '}
            <code>{text}</code>
          </>
        )}
        : the user’s place is <strong>{placeText(bucket)}</strong> (bucket {bucket.toFixed(6)})
        {held === undefined
          ? ', and no interval has it.'
          : `, in the interval of ${name(held.variationId)} from ${placeText(held.low)} to ${placeText(held.high)}.`}
      </p>
    </div>
  );
}
