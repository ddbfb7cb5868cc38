import { type KeyboardEvent, memo, type ReactNode, useRef, useState } from 'react';
import type { Condition, ConditionRule, SegmentDocument, Serving } from '../model/document.js';
import { Button } from '../ui/controls.js';
import { Icon } from '../ui/icon.js';
import { Menu } from '../ui/menu.js';
import { ConditionEditor } from './condition-editor.js';
import { ConditionsSentence, ServingSentence, type Variations } from './sentence.js';

/** A rule of a segment, or of a flag. */
type AnyRule = ConditionRule & Partial<Serving>;

interface RuleListProps<R extends AnyRule> {
  readonly rules: readonly R[];
  readonly attributes: readonly string[];
  readonly segments: readonly SegmentDocument[] | undefined;
  readonly names: ReadonlyMap<string, string>;
  readonly onChange: (change: (rules: readonly R[]) => readonly R[]) => void;
  /** A rule to begin with. */
  readonly newRule: () => R;
  /** The variations that rules serve; none for rules that only have conditions. The same object as long as they are the same. */
  readonly variations?: Variations;
  readonly renderOutcomeEditor?: (rule: R, label: string, onChange: (rule: R) => void) => ReactNode;
}

/** Rules as sentences, in the order in which they are asked. One is opened to be edited; all are moved by dragging or by keys. */
export function RuleList<R extends AnyRule>(props: RuleListProps<R>) {
  const { rules, attributes, segments, names, onChange, newRule, variations, renderOutcomeEditor } = props;
  const [openId, setOpenId] = useState<string>();
  const [dragged, setDragged] = useState<string>();
  const [target, setTarget] = useState<number>();
  const [announcement, setAnnouncement] = useState('');
  const list = useRef<HTMLOListElement>(null);

  const replace = (rule: R) => onChange((before) => before.map((other) => (other.id === rule.id ? rule : other)));
  const move = (id: string, to: number) => {
    const from = rules.findIndex((rule) => rule.id === id);
    if (from === -1 || to < 0 || to >= rules.length || from === to) return;
    onChange((before) => {
      const item = before[from];
      const rest = before.filter((rule) => rule.id !== id);
      return item === undefined ? before : [...rest.slice(0, to), item, ...rest.slice(to)];
    });
    setAnnouncement(`Rule moved to place ${to + 1} of ${rules.length}.`);
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-rule="${CSS.escape(id)}"] [data-sentence]`)?.focus(),
    );
  };
  const add = (rule: R, after?: string) => {
    onChange((before) => {
      const at = after === undefined ? before.length : before.findIndex(({ id }) => id === after) + 1;
      return [...before.slice(0, at), rule, ...before.slice(at)];
    });
    setOpenId(rule.id);
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-rule="${CSS.escape(rule.id)}"] input`)?.focus(),
    );
  };
  const onKeyDown = (rule: R, index: number) => (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || step === undefined) return;
    event.preventDefault();
    move(rule.id, index + step);
  };

  return (
    <>
      <ol ref={list} className="rules">
        {rules.map((rule, index) => {
          const isOpen = rule.id === openId;
          const label = `Rule ${index + 1}`;
          return (
            <li
              key={rule.id}
              data-rule={rule.id}
              className={`rule ${isOpen ? 'open' : ''} ${target === index ? 'drop' : ''}`}
              onKeyDown={onKeyDown(rule, index)}
              onDragOver={(event) => {
                if (dragged === undefined) return;
                event.preventDefault();
                setTarget(index);
              }}
              onDrop={(event) => {
                event.preventDefault();
                if (dragged !== undefined) move(dragged, index);
                setTarget(undefined);
                setDragged(undefined);
              }}
            >
              <span
                className="grip"
                draggable
                title="Drag to move; Alt and arrows do the same"
                onDragStart={(event) => {
                  event.dataTransfer?.setData('text/plain', rule.id);
                  setDragged(rule.id);
                }}
                onDragEnd={() => {
                  setTarget(undefined);
                  setDragged(undefined);
                }}
              >
                <Icon name="grip" />
              </span>
              <span className="rule-number" aria-hidden="true">
                {index + 1}
              </span>
              <div className="rule-main">
                {isOpen ? (
                  <>
                    <input
                      className="rule-name"
                      aria-label={`${label}: name`}
                      placeholder="Name of the rule, if it needs one"
                      value={rule.name ?? ''}
                      onInput={(event) => replace({ ...rule, name: event.currentTarget.value })}
                    />
                    <Conditions
                      rule={rule}
                      attributes={attributes}
                      segments={segments}
                      onChange={(conditions) => replace({ ...rule, conditions })}
                    />
                    {renderOutcomeEditor?.(rule, label, replace)}
                    <div className="rule-end">
                      <Button onClick={() => setOpenId(undefined)}>Done</Button>
                    </div>
                  </>
                ) : (
                  <RuleSentence rule={rule} names={names} variations={variations} onOpen={setOpenId} />
                )}
              </div>
              <Menu
                label={`${label}: actions`}
                items={[
                  ...(isOpen ? [] : [{ label: 'Edit', icon: 'pencil', onPress: () => setOpenId(rule.id) } as const]),
                  { label: 'Move up', icon: 'up', isDisabled: index === 0, onPress: () => move(rule.id, index - 1) },
                  {
                    label: 'Move down',
                    icon: 'down',
                    isDisabled: index === rules.length - 1,
                    onPress: () => move(rule.id, index + 1),
                  },
                  { label: 'Copy', icon: 'copy', onPress: () => add({ ...rule, id: crypto.randomUUID() }, rule.id) },
                  {
                    label: 'Remove',
                    icon: 'trash',
                    isDanger: true,
                    onPress: () => onChange((before) => before.filter(({ id }) => id !== rule.id)),
                  },
                ]}
              />
            </li>
          );
        })}
      </ol>
      <p className="visually-hidden" role="status">
        {announcement}
      </p>
      <Button icon="plus" onClick={() => add(newRule())}>
        Add a rule
      </Button>
    </>
  );
}

/** A closed rule. Of a hundred rules only those are drawn again that have changed. */
const RuleSentence = memo(function RuleSentence({
  rule,
  names,
  variations: flag,
  onOpen,
}: {
  readonly rule: AnyRule;
  readonly names: ReadonlyMap<string, string>;
  readonly variations: Variations | undefined;
  readonly onOpen: (id: string) => void;
}) {
  const { id, name, conditions, variations, dispatchKey = null } = rule;
  return (
    <button type="button" className="sentence" data-sentence="" onClick={() => onOpen(id)}>
      {name && <span className="rule-title">{name}</span>}
      <span>
        <ConditionsSentence conditions={conditions} names={names} />
        {flag !== undefined && variations !== undefined && (
          <ServingSentence flag={flag} serving={{ variations, dispatchKey }} />
        )}
      </span>
    </button>
  );
});

function Conditions({
  rule,
  attributes,
  segments,
  onChange,
}: {
  readonly rule: ConditionRule;
  readonly attributes: readonly string[];
  readonly segments: readonly SegmentDocument[] | undefined;
  readonly onChange: (conditions: readonly Condition[]) => void;
}) {
  const { conditions } = rule;
  return (
    <div className="conditions">
      {conditions.map((condition, index) => (
        <ConditionEditor
          // Conditions have no ids: their place is what they are known by.
          key={index}
          condition={condition}
          number={index + 1}
          attributes={attributes}
          segments={segments}
          onChange={(changed) => onChange(conditions.with(index, changed))}
          onRemove={() => onChange(conditions.toSpliced(index, 1))}
        />
      ))}
      {conditions.length === 0 && <p className="hint">Without a condition it holds for everybody.</p>}
      <Button look="quiet" icon="plus" onClick={() => onChange([...conditions, EMPTY_CONDITION])}>
        Add a condition
      </Button>
    </div>
  );
}

export const EMPTY_CONDITION: Condition = { property: '', op: 'IsOneOf', value: '[]' };
