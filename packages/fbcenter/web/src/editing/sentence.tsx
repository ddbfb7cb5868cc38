import { asksForSegments, NOT_IN_SEGMENT, operatorOf, valuesOf } from '../model/conditions.js';
import { type Condition, type FlagDocument, labelOf, type Serving, shortened } from '../model/document.js';
import { onlyVariation, percent, weightsOf } from '../model/shares.js';
import { colorIndex } from './serving-editor.js';

/** What is known of a flag's variations. */
export type Variations = Pick<FlagDocument, 'variations' | 'variationType'>;

const MOST_VALUES = 6;

/** "if **country** is one of `NZ` `AU` and …" */
export function ConditionsSentence({
  conditions,
  names,
}: {
  readonly conditions: readonly Condition[];
  /** Names of segments by their ids. */
  readonly names: ReadonlyMap<string, string>;
}) {
  if (conditions.length === 0) return <>everybody </>;
  return (
    <>
      {conditions.map((condition, index) => {
        const isSegment = asksForSegments(condition);
        const values = valuesOf(condition);
        const verb = condition.property === NOT_IN_SEGMENT ? 'is not in' : 'is in';
        return (
          <span key={index}>
            <span className="quiet">{index === 0 ? 'if ' : 'and '}</span>
            {isSegment ? <strong>user</strong> : <strong>{condition.property || '…'}</strong>}{' '}
            {isSegment ? `${verb} ` : `${operatorOf(condition).words} `}
            {values.slice(0, MOST_VALUES).map((value, at) => (
              <code key={value} className={isSegment ? 'segment-name' : ''}>
                {at > 0 && <span className="visually-hidden">or </span>}
                {shortened((isSegment ? names.get(value) : undefined) ?? (value === '' ? 'empty text' : value), 48)}
              </code>
            ))}
            {values.length > MOST_VALUES && <span className="quiet"> and {values.length - MOST_VALUES} more</span>}{' '}
          </span>
        );
      })}
    </>
  );
}

/** "→ on", or "→ 30 % on, 70 % off". */
export function ServingSentence({ flag, serving }: { readonly flag: Variations; readonly serving: Serving }) {
  const only = onlyVariation(serving.variations);
  const weights = weightsOf(serving.variations);
  return (
    <span className="outcome">
      <span className="quiet">serve </span>
      {only !== undefined ? (
        <VariationName flag={flag} id={only} />
      ) : (
        serving.variations.map(({ id }, index) =>
          (weights[index] ?? 0) === 0 ? null : (
            <span key={`${id} ${index}`} className="share">
              {percent(weights[index] ?? 0)} <VariationName flag={flag} id={id} />{' '}
            </span>
          ),
        )
      )}
      {serving.dispatchKey && only === undefined && <span className="quiet">by {serving.dispatchKey}</span>}
    </span>
  );
}

/** A variation's colour and name. */
export function VariationName({ flag, id }: { readonly flag: Variations; readonly id: string }) {
  return (
    <span className="variation-name">
      <span className={`swatch v${colorIndex(flag, id)}`} aria-hidden="true" />
      {labelOf(flag, id)}
    </span>
  );
}
