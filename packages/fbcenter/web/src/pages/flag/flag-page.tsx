import { useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { flagAddress } from '../../api/addresses.js';
import { ApiError, type Versioned } from '../../api/http.js';
import { keys } from '../../api/keys.js';
import { useAttributes, useEnvironments, useFlag, useNewest, useSegments, useTakeFlag } from '../../api/queries.js';
import { calls } from '../../api/session.js';
import { useDraft } from '../../editing/draft.js';
import { SaveBar } from '../../editing/save-bar.js';
import type { FlagDocument, SegmentDocument } from '../../model/document.js';
import { flagParts } from '../../model/document-parts.js';
import { flagProblems } from '../../model/problems.js';
import { FLAG_TABS, type FlagTab, hrefOf } from '../../model/route.js';
import { curlFor } from '../../model/snippets.js';
import { enabledText } from '../../model/words.js';
import { useMay } from '../../shell/may.js';
import { listHref } from '../../shell/navigation.js';
import { useShortcuts } from '../../shell/shortcuts.js';
import { Skeleton } from '../../ui/controls.js';
import { Editable } from '../../ui/editable.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { Link } from '../../ui/link.js';
import { useCurrentInSight } from '../../ui/media.js';
import { LoadFailure, Notice } from '../../ui/notice.js';
import { SwitchDialog } from '../flags/switch-dialog.js';
import { Details } from './details.js';
import { FlagCode } from './flag-code.js';
import { FlagGuide } from './flag-guide.js';
import { FlagHead } from './flag-head.js';
import { InsightsTab } from './insights-tab.js';
import { MissingFlag } from './missing-flag.js';
import { TargetingTab } from './targeting-tab.js';
import { VariationsTab } from './variations-tab.js';
import { WhyTab } from './why-tab.js';

const TriggersTab = lazy(() => import('./triggers-tab.js').then((module) => ({ default: module.TriggersTab })));
const FlagHistory = lazy(() => import('../../audit/history.js').then((module) => ({ default: module.FlagHistory })));

const NO_SEGMENTS: readonly SegmentDocument[] = [];

const TAB_NAMES: Readonly<Record<FlagTab, string>> = {
  targeting: 'Targeting',
  variations: 'Variations',
  why: 'Why?',
  insights: 'Insights',
  code: 'Code',
  triggers: 'Triggers',
  history: 'History',
};

/** What nobody edits here, or says itself who may. */
const READ_TABS: readonly FlagTab[] = ['insights', 'code', 'triggers'];

interface FlagPageProps {
  readonly environment: string;
  readonly flagKey: string;
  readonly tab: FlagTab;
}

export function FlagPage({ environment, flagKey, tab }: FlagPageProps) {
  const flag = useFlag(environment, flagKey);
  const back = (
    <Link className="back" href={listHref(environment)}>
      <Icon name="back" /> Flags
    </Link>
  );
  if (flag.data !== undefined)
    return (
      <LoadedFlag
        environment={environment}
        latest={flag.data}
        tab={tab}
        back={back}
        failure={<LoadFailure of={flag} what="The flag" />}
      />
    );
  if (flag.error instanceof ApiError && flag.error.kind === 'not-found')
    return <MissingFlag environment={environment} flagKey={flagKey} back={back} />;
  return (
    <div className="page">
      {back}
      <Heading title={flagKey} />
      {flag.error === null ? <Skeleton lines={10} /> : <LoadFailure of={flag} what="The flag" />}
    </div>
  );
}

function LoadedFlag({
  environment,
  latest,
  tab,
  back,
  failure,
}: {
  readonly environment: string;
  readonly latest: Versioned<FlagDocument>;
  readonly tab: FlagTab;
  readonly back: ReactNode;
  readonly failure: ReactNode;
}) {
  const { key, isEnabled, isArchived } = latest.data;
  const draft = useDraft(`flag ${environment} ${key}`, latest, flagParts);
  const take = useTakeFlag(environment);
  useNewest(environment, key, latest.version);
  const client = useQueryClient();
  const environments = useEnvironments().data ?? [];
  const segments = useSegments(environment).data ?? NO_SEGMENTS;
  const attributes = useAttributes(environment);
  const [isSwitching, setSwitching] = useState(false);
  const place = environments.find((candidate) => candidate.key === environment)?.name ?? environment;
  const flag = draft.document;
  const may = useMay(environment);
  const edit: typeof draft.edit = (change) => may.edit && draft.edit(change);
  useShortcuts({ e: () => !isArchived && may.edit && setSwitching(true) });

  const onChanged = (answer: Versioned<FlagDocument>) => {
    take(answer);
    draft.rebase(answer);
  };
  const tabRow = useCurrentInSight(tab);
  const tabs: Readonly<Record<FlagTab, ReactNode>> = {
    targeting: (
      <>
        <FlagGuide environment={environment} flag={latest.data} />
        <TargetingTab flag={flag} onEdit={edit} attributes={attributes} segments={segments} />
      </>
    ),
    variations: <VariationsTab flag={flag} onEdit={edit} />,
    why: (
      <WhyTab
        environment={environment}
        latest={latest}
        isEdited={draft.isDirty}
        attributes={attributes}
        segments={segments}
      />
    ),
    insights: <InsightsTab environment={environment} flag={latest.data} />,
    code: <FlagCode environment={environment} flag={latest.data} />,
    triggers: (
      <Suspense fallback={<Skeleton lines={4} />}>
        <TriggersTab environment={environment} flagKey={key} isArchived={isArchived} may={may} />
      </Suspense>
    ),
    history: (
      <Suspense fallback={<Skeleton lines={6} />}>
        <FlagHistory environment={environment} latest={latest} onPutBack={onChanged} />
      </Suspense>
    ),
  };
  return (
    <div className="page flag-page">
      {back}
      <FlagHead
        environment={environment}
        place={place}
        latest={latest}
        may={may}
        onSwitch={() => setSwitching(true)}
        onChanged={onChanged}
      />
      {failure}
      {isArchived && <Notice>This flag is archived: applications get the default that they ask with.</Notice>}
      <Editable may={may}>
        <Details flag={flag} onEdit={edit} />
      </Editable>
      <nav ref={tabRow} className="tabs" aria-label="Parts of the flag">
        {FLAG_TABS.map((name) => (
          <Link
            key={name}
            href={hrefOf({ page: 'flag', environment, key, tab: name })}
            aria-current={name === tab ? 'page' : undefined}
          >
            {TAB_NAMES[name]}
          </Link>
        ))}
      </nav>
      {may.edit || READ_TABS.includes(tab) ? (
        tabs[tab]
      ) : (
        <fieldset className="read-only" disabled>
          <legend className="visually-hidden">Read only</legend>
          {tabs[tab]}
        </fieldset>
      )}
      <SaveBar
        environment={environment}
        draft={draft}
        partsOf={flagParts}
        title={`${key} in ${place}`}
        problems={flagProblems(flag)}
        effect={effectOfSaving(flag)}
        callFor={(document, version) =>
          curlFor('PUT', location.origin + flagAddress(environment, key), version, document)
        }
        save={async (document, version, comment) => {
          const answer = await calls.putFlag(environment, document, version, { comment });
          take(answer);
          return answer;
        }}
        latest={async () => {
          const answer = await calls.flag(environment, key);
          client.setQueryData(keys.flag(environment, key), answer);
          return answer;
        }}
      />
      {isSwitching && (
        <SwitchDialog
          environment={environment}
          flagKey={key}
          isEnabled={isEnabled}
          onSwitched={(answer) => draft.rebase(answer)}
          onClose={() => setSwitching(false)}
        />
      )}
    </div>
  );
}

/** Saving an enabled flag reaches users at once; what a disabled one says waits for its switch. */
function effectOfSaving(flag: FlagDocument): string {
  const then = enabledText(flag);
  return flag.isEnabled
    ? `The flag is on: users get this as you save. Then ${then}.`
    : `The flag is off: nobody notices. Once it is on, ${then}.`;
}
