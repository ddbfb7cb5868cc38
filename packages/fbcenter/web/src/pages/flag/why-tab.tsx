import { type ReactNode, useMemo } from 'react';
import type {
  ExplainedCondition,
  ExplainedRule,
  ExplainedSegment,
  ExplanationBody,
} from '../../../../src/api/explanation.js';
import type { Versioned } from '../../api/http.js';
import { useWhy } from '../../api/queries.js';
import { BucketBar } from '../../editing/bucket-bar.js';
import { ServingSentence, VariationName } from '../../editing/sentence.js';
import { UserForm, useAskedUser } from '../../editing/user-form.js';
import type { Condition, ConditionRule, FlagDocument, SegmentDocument } from '../../model/document.js';
import { reasonText, segmentText, sightText } from '../../model/explanation.js';
import { conditionText } from '../../model/words.js';
import { Empty, Skeleton } from '../../ui/controls.js';
import { Icon, type IconName } from '../../ui/icon.js';
import { LoadFailure, Notice } from '../../ui/notice.js';

/** Why a user gets what of this flag, as it is saved. */
export function WhyTab({
  environment,
  latest,
  isEdited,
  attributes,
  segments,
}: {
  readonly environment: string;
  readonly latest: Versioned<FlagDocument>;
  readonly isEdited: boolean;
  readonly attributes: readonly string[];
  readonly segments: readonly SegmentDocument[];
}) {
  const flag = latest.data;
  const { user } = useAskedUser();
  const why = useWhy(environment, flag.key, latest.version, flag.isArchived ? undefined : user);
  const offered = useMemo(() => attributesFirst(flag, attributes), [flag, attributes]);
  return (
    <div className="why">
      <UserForm environment={environment} attributes={offered} />
      <div className="why-answer" aria-live="polite">
        {isEdited && <Notice>This is about the flag as it is saved, not about what you have changed here.</Notice>}
        <LoadFailure of={why} what="The answer" />
        {user === undefined ? (
          <Empty icon="question" title="Who asks?">
            <p>Type a user’s key, and the attributes that matter. The answer follows as you type.</p>
          </Empty>
        ) : why.data === undefined ? (
          why.error === null && !flag.isArchived && <Skeleton lines={6} />
        ) : (
          <Answer flag={flag} userKey={user.key} explanation={why.data} segments={segments} />
        )}
      </div>
    </div>
  );
}

/** Attributes that this flag asks about come first. */
function attributesFirst(flag: FlagDocument, others: readonly string[]): readonly string[] {
  const own = flag.rules.flatMap((rule) => rule.conditions.map(({ property }) => property));
  const dispatch = [flag.fallthrough, ...flag.rules].flatMap(({ dispatchKey }) => dispatchKey ?? []);
  const isAttribute = (name: string) => name !== '' && !/^User is (?:not )?in segment$/.test(name) && name !== 'keyId';
  return [...new Set([...own, ...dispatch, ...others])].filter(isAttribute);
}

function Answer({
  flag,
  userKey,
  explanation,
  segments,
}: {
  readonly flag: FlagDocument;
  readonly userKey: string;
  readonly explanation: ExplanationBody;
  readonly segments: readonly SegmentDocument[];
}) {
  const { variationId, decidedBy, rule, rules, rollout } = explanation;
  const documents = useMemo(() => new Map(segments.map((segment) => [segment.id, segment])), [segments]);
  const traces = new Map(explanation.segments.map((segment) => [segment.id, segment]));
  const ruleName = rule === undefined ? undefined : flag.rules[rule]?.name;
  const reached = rules.findLastIndex(({ verdict }) => verdict !== 'not-reached') + 1;
  const bar = rollout !== null && <BucketBar flag={flag} rollout={rollout} />;
  return (
    <>
      <p className="why-sentence">
        <strong className="mono">{userKey}</strong> gets{' '}
        {variationId === null ? (
          <strong>the default of the application</strong>
        ) : (
          <strong>
            <VariationName flag={flag} id={variationId} />
          </strong>
        )}
        , because {reasonText(explanation, ruleName)}.
      </p>
      <ol className="why-steps">
        <Step mark={decidedBy === 'off' ? 'decides' : 'passes'}>
          {decidedBy === 'off' ? 'The flag is off: nothing else is asked.' : 'The flag is on.'}
        </Step>
        {decidedBy !== 'off' && (
          <Step mark={decidedBy === 'target' ? 'decides' : 'passes'}>
            {decidedBy === 'target' ? 'The user stands there by name.' : 'The user does not stand there by name.'}
          </Step>
        )}
        {rules.slice(0, reached).map((trace, index) => (
          <RuleStep
            key={index}
            position={index}
            trace={trace}
            rule={flag.rules[index]}
            segments={traces}
            documents={documents}
          >
            {index === rule && trace.verdict === 'holds' && flag.rules[index] !== undefined && (
              <>
                <ServingSentence flag={flag} serving={flag.rules[index]} />
                {bar}
              </>
            )}
          </RuleStep>
        ))}
        {reached < rules.length && (
          <Step mark="skipped">
            {rules.length - reached === 1
              ? `Rule ${rules.length} was not asked.`
              : `Rules ${reached + 1} to ${rules.length} were not asked.`}
          </Step>
        )}
        {decidedBy === 'fallthrough' && (
          <Step mark={variationId === null ? 'fails' : 'decides'}>
            Everybody else: <ServingSentence flag={flag} serving={flag.fallthrough} />
            {bar}
          </Step>
        )}
      </ol>
    </>
  );
}

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

function Step({ mark, children }: { readonly mark: Mark; readonly children: ReactNode }) {
  return (
    <li className={`why-step ${mark}`}>
      <MarkIcon mark={mark} />
      <div>{children}</div>
    </li>
  );
}

function RuleStep({
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
