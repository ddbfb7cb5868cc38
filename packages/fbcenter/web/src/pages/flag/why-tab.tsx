import { useMemo } from 'react';
import type { ExplanationBody } from '../../../../src/api/explanation.js';
import type { Versioned } from '../../api/http.js';
import { useWhy } from '../../api/queries.js';
import { BucketBar } from '../../editing/bucket-bar.js';
import { ServingSentence, VariationName } from '../../editing/sentence.js';
import { UserForm, useAskedUser } from '../../editing/user-form.js';
import type { FlagDocument, SegmentDocument } from '../../model/document.js';
import { reasonText } from '../../model/explanation.js';
import { Empty, Skeleton } from '../../ui/controls.js';
import { LoadFailure, Notice } from '../../ui/notice.js';
import { RuleStep, Step } from './why-steps.js';

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
            {decidedBy === 'target' ? 'The user is listed by name.' : 'The user is not listed by name.'}
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
