import type { ReactNode } from 'react';
import type { ExplainedCondition, ExplainedRule, ExplainedSegment } from '../../../../src/api/explanation.js';
import type { Condition, ConditionRule, SegmentDocument } from '../../model/document.js';
import { segmentText, sightText } from '../../model/explanation.js';
import { conditionText } from '../../model/words.js';
import { Icon, type IconName } from '../../ui/icon.js';

type Mark = 'holds' | 'does-not-hold' | 'fails' | 'decides' | 'passes' | 'skipped';

const MARKS: Readonly<Record<Mark, readonly [icon: IconName, said: string]>> = {
  holds: ['check', 'Holds'],
  'does-not-hold': ['close', 'Does not hold'],
  fails: ['alert', 'Fails'],
  decides: ['check', 'Decides'],
  passes: ['down', 'Goes on'],
  skipped: ['more', 'Not asked'],
};

function MarkIcon({ mark }: { readonly mark: Mark }) {
  const [icon, said] = MARKS[mark];
  return (
    <span className={`mark ${mark}`} title={said}>
      <Icon name={icon} />
      <span className="visually-hidden">{said}: </span>
    </span>
  );
}

export function Step({ mark, children }: { readonly mark: Mark; readonly children: ReactNode }) {
  return (
    <li className={`why-step ${mark}`}>
      <MarkIcon mark={mark} />
      <div>{children}</div>
    </li>
  );
}

export function RuleStep({
  position,
  trace,
  rule,
  segments,
  documents,
  children,
}: {
  readonly position: number;
  readonly trace: ExplainedRule;
  readonly rule: ConditionRule | undefined;
  readonly segments: ReadonlyMap<string, ExplainedSegment>;
  readonly documents: ReadonlyMap<string, SegmentDocument>;
  readonly children: ReactNode;
}) {
  const mark = trace.verdict === 'holds' ? 'decides' : trace.verdict === 'fails' ? 'fails' : 'does-not-hold';
  return (
    <Step mark={mark}>
      <p className="why-rule">
        Rule {position + 1}
        {rule?.name ? <strong> {rule.name}</strong> : null}
      </p>
      <Conditions trace={trace} conditions={rule?.conditions ?? []} segments={segments} documents={documents} />
      {children}
    </Step>
  );
}

function Conditions({
  trace,
  conditions,
  segments,
  documents,
}: {
  readonly trace: ExplainedRule;
  readonly conditions: readonly Condition[];
  readonly segments?: ReadonlyMap<string, ExplainedSegment>;
  readonly documents?: ReadonlyMap<string, SegmentDocument>;
}) {
  if (trace.conditions.length === 0)
    return conditions.length === 0 ? <p className="quiet">It holds for everybody.</p> : null;
  return (
    <ul className="why-conditions">
      {trace.conditions.map((condition, index) => (
        <li key={index} className={condition.counted ? '' : 'uncounted'}>
          <MarkIcon mark={condition.verdict} />
          <div>
            <ConditionSentence condition={conditions[index]} trace={condition} documents={documents} />
            {condition.failure !== undefined && <span className="problem"> {condition.failure}</span>}
            {condition.about === 'segments' &&
              condition.ids.map((id) => {
                const segment = segments?.get(id);
                if (segment === undefined) return null;
                return <SegmentAnswer key={id} segment={segment} document={documents?.get(id)} />;
              })}
          </div>
        </li>
      ))}
    </ul>
  );
}

function ConditionSentence({
  condition,
  trace,
  documents,
}: {
  readonly condition: Condition | undefined;
  readonly trace: ExplainedCondition;
  readonly documents: ReadonlyMap<string, SegmentDocument> | undefined;
}) {
  if (trace.about === 'segments') {
    const names = trace.ids.map((id) => documents?.get(id)?.name ?? id).join(', ');
    return (
      <>
        user {trace.whenInside ? 'is in' : 'is not in'} {names}
      </>
    );
  }
  return (
    <>
      {condition === undefined ? `${trace.attribute} ${trace.op}` : conditionText(condition)}
      <span className="saw">
        {trace.obstacle === undefined ? (
          <>
            {' '}
            user has <code>{sightText(trace)}</code>
          </>
        ) : (
          ` ${sightText(trace)}`
        )}
      </span>
    </>
  );
}

/** A segment with its own rules, which can be looked into. */
function SegmentAnswer({
  segment,
  document,
}: {
  readonly segment: ExplainedSegment;
  readonly document: SegmentDocument | undefined;
}) {
  const reached = segment.rules.filter(({ verdict }) => verdict !== 'not-reached');
  const summary = (
    <>
      <strong>{document?.name ?? segment.id}</strong> <span className="saw">{segmentText(segment)}</span>
    </>
  );
  if (reached.length === 0) return <p className="why-segment">{summary}</p>;
  return (
    <details className="why-segment">
      <summary>{summary}</summary>
      <ul className="why-conditions">
        {reached.map((trace, index) => (
          <li key={index}>
            <MarkIcon mark={trace.verdict === 'not-reached' ? 'skipped' : trace.verdict} />
            <div>
              Rule {index + 1}
              <Conditions trace={trace} conditions={document?.rules[index]?.conditions ?? []} />
            </div>
          </li>
        ))}
      </ul>
    </details>
  );
}
