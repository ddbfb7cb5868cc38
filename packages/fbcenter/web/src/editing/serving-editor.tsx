import { type FlagDocument, labelOf, type Serving } from '../model/document.js';
import { everybody, onlyVariation, sharesOf, WHOLE, weightsOf } from '../model/shares.js';
import { RolloutBar } from './rollout-bar.js';

const DIVIDED = 'a share each';

/** "serve on", or a rollout: what rules and the default have in common. */
export function ServingEditor<S extends Serving>({
  flag,
  serving,
  label,
  attributes,
  onChange,
}: {
  readonly flag: FlagDocument;
  readonly serving: S;
  readonly label: string;
  /** Attributes that users may be divided by. */
  readonly attributes: readonly string[];
  readonly onChange: (serving: S) => void;
}) {
  const only = onlyVariation(serving.variations);
  const colorOf = (id: string) => colorIndex(flag, id);
  const weights = weightsOf(serving.variations);
  const isDivided = only === undefined || serving.variations.length > 1;

  const divide = () => {
    // Every variation has its place in the bar, so that each can be given something.
    const first = only ?? serving.variations[0]?.id;
    const ids = [first, ...flag.variations.map(({ id }) => id).filter((id) => id !== first)].filter(
      (id) => id !== undefined,
    );
    const share = Math.floor(WHOLE / ids.length / 100) * 100;
    const even = ids.map((_, index) => (index === 0 ? WHOLE - share * (ids.length - 1) : share));
    onChange({ ...serving, variations: sharesOf(ids, even, serving.variations) });
  };
  const choose = (value: string) => {
    if (value === DIVIDED) divide();
    else onChange({ ...serving, variations: everybody(value) });
  };
  const missing = flag.variations.filter(({ id }) => !serving.variations.some((share) => share.id === id));
  return (
    <div className="serving-editor">
      <label className="inline">
        <span>serve</span>
        <select
          aria-label={`${label}: serve`}
          value={isDivided ? DIVIDED : only}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {flag.variations.map(({ id }) => (
            <option key={id} value={id}>
              {labelOf(flag, id)}
            </option>
          ))}
          {only !== undefined && flag.variations.every(({ id }) => id !== only) && (
            <option value={only}>{labelOf(flag, only)}</option>
          )}
          {(flag.variations.length > 1 || isDivided) && <option value={DIVIDED}>a share each …</option>}
        </select>
      </label>
      {isDivided && (
        <>
          <RolloutBar
            shares={serving.variations.map(({ id }, index) => ({
              id: `${id} ${index}`,
              label: labelOf(flag, id),
              color: colorOf(id),
              weight: weights[index] ?? 0,
            }))}
            onChange={(next) =>
              onChange({
                ...serving,
                variations: sharesOf(
                  serving.variations.map(({ id }) => id),
                  next,
                  serving.variations,
                ),
              })
            }
          />
          <div className="rollout-options">
            <label className="inline">
              <span>divided by</span>
              <select
                aria-label={`${label}: divided by`}
                value={serving.dispatchKey ?? ''}
                onChange={(event) => onChange({ ...serving, dispatchKey: event.currentTarget.value || null })}
              >
                <option value="">user key</option>
                {[...new Set([...attributes, ...(serving.dispatchKey ? [serving.dispatchKey] : [])])].map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            {missing.map(({ id }) => (
              <button
                key={id}
                type="button"
                className="button quiet small"
                onClick={() =>
                  onChange({
                    ...serving,
                    variations: sharesOf(
                      [...serving.variations.map((share) => share.id), id],
                      [...weights, 0],
                      serving.variations,
                    ),
                  })
                }
              >
                + {labelOf(flag, id)}
              </button>
            ))}
          </div>
        </>
      )}
    </div>
  );
}

/** Colours go by the place of a variation in its flag, so that one variation has one colour everywhere. */
export function colorIndex(flag: Pick<FlagDocument, 'variations'>, id: string): number {
  const at = flag.variations.findIndex((variation) => variation.id === id);
  return at === -1 ? 9 : at % 8;
}
