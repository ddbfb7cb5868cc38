import { useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { ApiError, type Versioned } from '../../api/http.js';
import { keys } from '../../api/keys.js';
import { useAttributes, useEnvironments, useSegment, useTakeSegment } from '../../api/queries.js';
import { calls } from '../../api/session.js';
import { useDraft } from '../../editing/draft.js';
import { EMPTY_CONDITION, RuleList } from '../../editing/rule-list.js';
import { SaveBar } from '../../editing/save-bar.js';
import { UsersEditor } from '../../editing/users-editor.js';
import type { ConditionRule, SegmentDocument } from '../../model/document.js';
import { segmentParts } from '../../model/document-parts.js';
import { segmentProblems } from '../../model/problems.js';
import { hrefOf } from '../../model/route.js';
import { curlFor } from '../../model/snippets.js';
import { count } from '../../model/words.js';
import { useMay } from '../../shell/may.js';
import { Button, Empty, Skeleton } from '../../ui/controls.js';
import { Editable } from '../../ui/editable.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { Link } from '../../ui/link.js';
import { LoadFailure, Notice } from '../../ui/notice.js';
import { complain, say } from '../../ui/toasts.js';
import { useSegmentUsers } from './use-segment-users.js';

export function SegmentPage({ environment, id }: { readonly environment: string; readonly id: string }) {
  const segment = useSegment(environment, id);
  const back = (
    <Link className="back" href={hrefOf({ page: 'segments', environment })}>
      <Icon name="back" /> Segments
    </Link>
  );
  if (segment.data !== undefined)
    return (
      <LoadedSegment
        environment={environment}
        latest={segment.data}
        back={back}
        failure={<LoadFailure of={segment} what="The segment" />}
      />
    );
  const isMissing = segment.error instanceof ApiError && segment.error.kind === 'not-found';
  return (
    <div className="page">
      {back}
      <Heading title={id} />
      {segment.error === null ? (
        <Skeleton lines={8} />
      ) : isMissing ? (
        <Empty icon="people" title="There is no such segment here">
          <p>
            <Link href={hrefOf({ page: 'segments', environment })}>Look at the segments that there are</Link>
          </p>
        </Empty>
      ) : (
        <LoadFailure of={segment} what="The segment" />
      )}
    </div>
  );
}

function LoadedSegment({
  environment,
  latest,
  back,
  failure,
}: {
  readonly environment: string;
  readonly latest: Versioned<SegmentDocument>;
  readonly back: ReactNode;
  readonly failure: ReactNode;
}) {
  const draft = useDraft(`segment ${environment} ${latest.data.id}`, latest, segmentParts);
  const take = useTakeSegment(environment);
  const client = useQueryClient();
  const place = useEnvironments().data?.find(({ key }) => key === environment)?.name ?? environment;
  const flags = useSegmentUsers(environment)(latest.data.id);
  const attributes = useAttributes(environment);
  const segment = draft.document;
  const may = useMay(environment);
  const { id, isArchived } = latest.data;

  const archive = async (wanted: boolean) => {
    try {
      const answer = await calls.archiveSegment(environment, id, wanted, latest.version);
      take(answer);
      draft.rebase(answer);
      say(`${segment.name} is ${wanted ? 'archived' : 'back'}.`);
    } catch (error) {
      complain(`${segment.name} was not ${wanted ? 'archived' : 'restored'}`, error);
    }
  };
  return (
    <div className="page">
      {back}
      <div className="page-head">
        <Heading title={segment.name} />
        <Button
          icon="archive"
          onClick={() => void archive(!isArchived)}
          disabled={!may.edit || (!isArchived && flags?.length !== 0)}
          title={!may.edit ? may.why : flags !== undefined && flags.length > 0 ? 'Flags ask about it' : undefined}
        >
          {isArchived ? 'Restore' : 'Archive'}
        </Button>
      </div>
      {failure}
      {isArchived && <Notice>This segment is archived: no flag can ask about it.</Notice>}
      <Editable may={may}>
        <div className="details open">
          <label className="field">
            <span className="field-label">Name</span>
            <input
              value={segment.name}
              onInput={({ currentTarget: { value } }) => draft.edit((before) => ({ ...before, name: value }))}
            />
          </label>
          <label className="field">
            <span className="field-label">Description</span>
            <input
              value={segment.description ?? ''}
              onInput={({ currentTarget: { value } }) => draft.edit((before) => ({ ...before, description: value }))}
            />
          </label>
          <p className="field">
            <span className="field-label">Id</span>
            <code>{id}</code>
          </p>
        </div>
        <div className="targeting">
          <section className="step" aria-labelledby="step-used">
            <h2 id="step-used">Used by</h2>
            <div className="step-body used-by">
              {flags === undefined ? (
                <span className="quiet">…</span>
              ) : flags.length === 0 ? (
                <span className="quiet">No flag asks about it.</span>
              ) : (
                flags.map((key) => (
                  <Link key={key} className="mono" href={hrefOf({ page: 'flag', environment, key, tab: 'targeting' })}>
                    {key}
                  </Link>
                ))
              )}
            </div>
          </section>
          <section className="step" aria-labelledby="step-never">
            <h2 id="step-never">Never in it</h2>
            <div className="step-body">
              <UsersEditor
                label="Users who are never in it"
                users={segment.excluded}
                onChange={(excluded) => draft.edit((before) => ({ ...before, excluded }))}
              />
            </div>
          </section>
          <section className="step" aria-labelledby="step-always">
            <h2 id="step-always">Always in it</h2>
            <div className="step-body">
              <UsersEditor
                label="Users who are always in it"
                users={segment.included}
                onChange={(included) => draft.edit((before) => ({ ...before, included }))}
              />
            </div>
          </section>
          <section className="step" aria-labelledby="step-rules">
            <h2 id="step-rules">In it by a rule</h2>
            <div className="step-body">
              <RuleList<ConditionRule>
                rules={segment.rules}
                attributes={attributes}
                segments={undefined}
                names={NO_NAMES}
                onChange={(change) => draft.edit((before) => ({ ...before, rules: change(before.rules) }))}
                newRule={() => ({ id: crypto.randomUUID(), name: '', conditions: [EMPTY_CONDITION] })}
              />
            </div>
          </section>
        </div>
      </Editable>
      <div className="targeting">
        <section className="step" aria-labelledby="step-history">
          <h2 id="step-history">History</h2>
          <div className="step-body">
            <Suspense fallback={<Skeleton lines={4} />}>
              <SegmentHistory
                environment={environment}
                latest={latest}
                onPutBack={(answer) => {
                  take(answer);
                  draft.rebase(answer);
                }}
              />
            </Suspense>
          </div>
        </section>
      </div>
      <SaveBar
        environment={environment}
        draft={draft}
        partsOf={segmentParts}
        title={`${segment.name} in ${place}`}
        problems={segmentProblems(segment)}
        effect={flags === undefined || flags.length === 0 ? undefined : effectOn(flags)}
        callFor={(document, version) =>
          curlFor(
            'PUT',
            `${location.origin}/api/v1/environments/${encodeURIComponent(environment)}/segments/${encodeURIComponent(id)}`,
            version,
            document,
          )
        }
        save={async (document, version, comment) => {
          const answer = await calls.putSegment(environment, document, version, comment);
          take(answer);
          return answer;
        }}
        latest={async () => {
          const answer = await calls.segment(environment, id);
          client.setQueryData(keys.segment(environment, id), answer);
          return answer;
        }}
      />
    </div>
  );
}

/** Saving a segment reaches the users of every flag that asks about it. */
function effectOn(flags: readonly string[]): string {
  const named = flags.slice(0, 5).join(', ');
  return `${count(flags.length, 'flag asks', 'flags ask')} about it: ${named}${flags.length > 5 ? ' …' : ''}.`;
}

const SegmentHistory = lazy(() =>
  import('../../audit/history.js').then((module) => ({ default: module.SegmentHistory })),
);

const NO_NAMES: ReadonlyMap<string, string> = new Map();
