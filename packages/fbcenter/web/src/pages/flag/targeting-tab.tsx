import { useMemo, useState } from 'react';
import { EMPTY_CONDITION, RuleList } from '../../editing/rule-list.js';
import { VariationName } from '../../editing/sentence.js';
import { ServingEditor } from '../../editing/serving-editor.js';
import { UsersEditor } from '../../editing/users-editor.js';
import { type FlagDocument, labelOf, type Rule, type SegmentDocument } from '../../model/document.js';
import { withTargets } from '../../model/document-parts.js';
import { everybody } from '../../model/shares.js';
import { Button } from '../../ui/controls.js';

/** Who gets what, in the order in which it is asked: users by name, rules, everybody else. */
export function TargetingTab({
  flag,
  onEdit,
  attributes,
  segments,
}: {
  readonly flag: FlagDocument;
  readonly onEdit: (change: (flag: FlagDocument) => FlagDocument) => void;
  readonly attributes: readonly string[];
  readonly segments: readonly SegmentDocument[];
}) {
  const names = useMemo(() => new Map(segments.map(({ id, name }) => [id, name])), [segments]);
  const { variations: list, variationType } = flag;
  const variations = useMemo(() => ({ variations: list, variationType }), [list, variationType]);
  return (
    <div className="targeting">
      <p className={`step-mark ${flag.isEnabled ? 'now' : ''}`}>
        {flag.isEnabled
          ? 'It is on: this is asked for every user, from top to bottom'
          : 'Once it is on, this is asked for every user, from top to bottom'}
      </p>
      <section className="step" aria-labelledby="step-users">
        <h2 id="step-users">Users by name</h2>
        <div className="step-body">
          <Users flag={flag} onEdit={onEdit} />
        </div>
      </section>
      <section className="step" aria-labelledby="step-rules">
        <h2 id="step-rules">Rules</h2>
        <div className="step-body">
          <RuleList<Rule>
            rules={flag.rules}
            attributes={attributes}
            segments={segments}
            names={names}
            onChange={(change) => onEdit((before) => ({ ...before, rules: change(before.rules) }))}
            newRule={() => ({
              id: crypto.randomUUID(),
              name: '',
              conditions: [EMPTY_CONDITION],
              dispatchKey: null,
              includedInExpt: false,
              variations: everybody(flag.variations[0]?.id ?? ''),
            })}
            variations={variations}
            renderOutcomeEditor={(rule, label, onChange) => (
              <ServingEditor flag={flag} serving={rule} label={label} attributes={attributes} onChange={onChange} />
            )}
          />
        </div>
      </section>
      <section className="step" aria-labelledby="step-default">
        <h2 id="step-default">Everybody else</h2>
        <div className="step-body">
          <ServingEditor
            flag={flag}
            serving={flag.fallthrough}
            label="Everybody else"
            attributes={attributes}
            onChange={(fallthrough) => onEdit((before) => ({ ...before, fallthrough }))}
          />
        </div>
      </section>
      <section className="step" aria-labelledby="step-off">
        <h2 id="step-off">While it is off</h2>
        <div className="step-body">
          <label className="inline">
            <span>everybody gets</span>
            <select
              aria-label="While it is off, everybody gets"
              value={flag.disabledVariationId}
              onChange={({ currentTarget: { value } }) =>
                onEdit((before) => ({ ...before, disabledVariationId: value }))
              }
            >
              {flag.variations.map(({ id }) => (
                <option key={id} value={id}>
                  {labelOf(flag, id)}
                </option>
              ))}
            </select>
          </label>
        </div>
      </section>
    </div>
  );
}

function Users({
  flag,
  onEdit,
}: {
  readonly flag: FlagDocument;
  readonly onEdit: (change: (flag: FlagDocument) => FlagDocument) => void;
}) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const keysOf = (id: string) => flag.targetUsers.find(({ variationId }) => variationId === id)?.keyIds ?? [];
  const shown = flag.variations.filter(({ id }) => keysOf(id).length > 0 || opened.has(id));
  const rest = flag.variations.filter((variation) => !shown.includes(variation));
  return (
    <>
      {shown.map(({ id }) => (
        <div key={id} className="target">
          <span className="target-variation">
            <VariationName flag={flag} id={id} />
          </span>
          <UsersEditor
            label={`Users who always get ${labelOf(flag, id)}`}
            users={keysOf(id)}
            onChange={(users) =>
              onEdit((before) => ({
                // A user stands with one variation: the last word counts.
                ...before,
                targetUsers: withTargets(withoutUsers(before, id, users), id, users).targetUsers,
              }))
            }
          />
        </div>
      ))}
      {rest.length > 0 && (
        <div className="target-add">
          {rest.map(({ id }) => (
            <Button key={id} look="quiet" icon="plus" onClick={() => setOpened((before) => new Set(before).add(id))}>
              Users who always get {labelOf(flag, id)}
            </Button>
          ))}
        </div>
      )}
    </>
  );
}

/** The flag without these users at the other variations. */
function withoutUsers(flag: FlagDocument, variationId: string, users: readonly string[]): FlagDocument {
  const moved = new Set(users);
  return flag.targetUsers
    .filter((target) => target.variationId !== variationId && target.keyIds.some((key) => moved.has(key)))
    .reduce(
      (result, target) =>
        withTargets(
          result,
          target.variationId,
          target.keyIds.filter((key) => !moved.has(key)),
        ),
      flag,
    );
}
