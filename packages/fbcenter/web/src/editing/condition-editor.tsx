import { useId } from 'react';
import {
  asksForSegments,
  conditionProblem,
  IN_SEGMENT,
  NOT_IN_SEGMENT,
  OPERATORS,
  operatorOf,
  valuesOf,
  withOperator,
  withProperty,
  withValues,
} from '../model/conditions.js';
import type { Condition, SegmentDocument } from '../model/document.js';
import { IconButton } from '../ui/controls.js';
import { ListInput } from '../ui/list-input.js';

interface ConditionEditorProps {
  readonly condition: Condition;
  readonly number: number;
  readonly attributes: readonly string[];
  /** Segments to choose from; none where segments cannot be asked about. */
  readonly segments: readonly SegmentDocument[] | undefined;
  readonly onChange: (condition: Condition) => void;
  readonly onRemove: () => void;
}

/** One condition as a sentence of controls: "if country is one of NZ, AU". */
export function ConditionEditor({ condition, number, attributes, segments, onChange, onRemove }: ConditionEditorProps) {
  const id = useId();
  const isSegment = asksForSegments(condition);
  const { op, operand } = operatorOf(condition);
  const name = `Condition ${number}`;
  const problem = conditionProblem(condition);
  return (
    <div className="condition">
      <span className="conjunction">{number === 1 ? 'if' : 'and'}</span>
      {segments !== undefined && (
        <select
          aria-label={`${name}: about`}
          value={isSegment ? condition.property : 'attribute'}
          onChange={(event) => {
            const about = event.currentTarget.value;
            onChange(withProperty(condition, about === 'attribute' ? '' : about));
          }}
        >
          <option value="attribute">attribute</option>
          <option value={IN_SEGMENT}>user is in segment</option>
          <option value={NOT_IN_SEGMENT}>user is not in segment</option>
        </select>
      )}
      {isSegment ? (
        <SegmentValues name={name} condition={condition} segments={segments ?? []} onChange={onChange} />
      ) : (
        <>
          <input
            className="attribute"
            aria-label={`${name}: attribute`}
            list={id}
            placeholder="attribute"
            autoComplete="off"
            spellCheck={false}
            value={condition.property}
            onInput={(event) => onChange({ ...condition, property: event.currentTarget.value })}
          />
          <datalist id={id}>
            {attributes.map((attribute) => (
              <option key={attribute} value={attribute} />
            ))}
          </datalist>
          <select
            aria-label={`${name}: operator`}
            value={op}
            onChange={(event) => onChange(withOperator(condition, event.currentTarget.value))}
          >
            {OPERATORS.map(({ op: value, words }) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
            {OPERATORS.every(({ op: value }) => value !== op) && <option value={op}>{op}</option>}
          </select>
          {operand === 'list' && (
            <ListInput
              label={`${name}: values`}
              items={valuesOf(condition)}
              placeholder="values"
              onChange={(items) => onChange(withValues(condition, items))}
            />
          )}
          {operand !== 'list' && operand !== 'none' && (
            <input
              className={operand === 'pattern' ? 'value mono' : 'value'}
              aria-label={`${name}: value`}
              inputMode={operand === 'number' ? 'decimal' : 'text'}
              autoComplete="off"
              spellCheck={false}
              placeholder={operand === 'pattern' ? '^regular expression$' : 'value'}
              value={condition.value}
              onInput={(event) => onChange({ ...condition, value: event.currentTarget.value })}
            />
          )}
        </>
      )}
      <IconButton icon="close" label={`Remove condition ${number}`} onClick={onRemove} />
      {problem !== undefined && <span className="problem">{problem}</span>}
    </div>
  );
}

function SegmentValues({
  name,
  condition,
  segments,
  onChange,
}: {
  readonly name: string;
  readonly condition: Condition;
  readonly segments: readonly SegmentDocument[];
  readonly onChange: (condition: Condition) => void;
}) {
  const chosen = valuesOf(condition);
  const names = new Map(segments.map((segment) => [segment.id, segment.name]));
  const rest = segments.filter(({ id, isArchived }) => !isArchived && !chosen.includes(id));
  return (
    <span className="segment-values">
      {chosen.map((id) => (
        <span key={id} className="chip">
          {names.get(id) ?? id}
          <IconButton
            icon="close"
            label={`Remove ${names.get(id) ?? id}`}
            onClick={() =>
              onChange(
                withValues(
                  condition,
                  chosen.filter((other) => other !== id),
                ),
              )
            }
          />
        </span>
      ))}
      {rest.length > 0 && (
        <select
          aria-label={`${name}: segment`}
          value=""
          onChange={(event) =>
            event.currentTarget.value !== '' && onChange(withValues(condition, [...chosen, event.currentTarget.value]))
          }
        >
          <option value="">{chosen.length === 0 ? 'choose a segment …' : 'or …'}</option>
          {rest.map(({ id, name: title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      )}
      {segments.length === 0 && <span className="hint">There is no segment yet.</span>}
    </span>
  );
}
