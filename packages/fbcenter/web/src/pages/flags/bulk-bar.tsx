import { useState } from 'react';
import { useEnvironments, useTakeFlag } from '../../api/queries.js';
import { calls } from '../../api/session.js';
import { useGuard } from '../../editing/guard.js';
import { forEach, type Outcome } from '../../model/bulk.js';
import { figure } from '../../model/figure.js';
import { type FlagSummary, offOf, servingOf } from '../../model/summary.js';
import { count } from '../../model/words.js';
import { goTo } from '../../shell/navigation.js';
import { carry } from '../../transfer/carried.js';
import { Button, Field } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Icon } from '../../ui/icon.js';
import { reasonOf } from '../../ui/toasts.js';

type Action = 'on' | 'off' | 'tag' | 'archive' | 'restore';

const TITLES: Readonly<Record<Action, string>> = {
  on: 'Switch on',
  off: 'Switch off',
  tag: 'Add a tag to',
  archive: 'Archive',
  restore: 'Restore',
};

/** What can be done with the chosen flags, all at once. */
export function BulkBar({
  environment,
  flags,
  matching,
  onChoose,
}: {
  readonly environment: string;
  readonly flags: readonly FlagSummary[];
  readonly matching: readonly FlagSummary[];
  readonly onChoose: (keys: readonly string[]) => void;
}) {
  const [action, setAction] = useState<Action>();
  const hasOthers = (useEnvironments().data?.length ?? 0) > 1;
  const hasArchived = flags.some(({ isArchived }) => isArchived);
  const actions: readonly Action[] = hasArchived ? ['restore'] : ['on', 'off', 'tag', 'archive'];
  return (
    <section className="bulk-bar" aria-label="Chosen flags">
      <strong>{count(flags.length, 'flag')} chosen</strong>
      {flags.length < matching.length && (
        <Button look="quiet" onClick={() => onChoose(matching.map(({ key }) => key))}>
          Choose all {figure(matching.length)} that match
        </Button>
      )}
      {actions.map((name) => (
        <Button key={name} onClick={() => setAction(name)}>
          {name === 'tag' ? 'Add a tag' : TITLES[name]}
        </Button>
      ))}
      {!hasArchived && hasOthers && (
        <Button
          onClick={() => {
            carry({ from: environment, keys: flags.map(({ key }) => key) });
            goTo({ page: 'compare', from: environment });
          }}
        >
          Promote
        </Button>
      )}
      <Button look="quiet" onClick={() => onChoose([])}>
        Clear
      </Button>
      {action !== undefined && (
        <BulkDialog
          environment={environment}
          action={action}
          flags={flags}
          onClose={(isDone) => {
            setAction(undefined);
            if (isDone) onChoose([]);
          }}
        />
      )}
    </section>
  );
}

function BulkDialog({
  environment,
  action,
  flags: chosen,
  onClose,
}: {
  readonly environment: string;
  readonly action: Action;
  readonly flags: readonly FlagSummary[];
  readonly onClose: (isDone: boolean) => void;
}) {
  // What was asked about stays what is done, whatever the list becomes meanwhile.
  const [flags] = useState(chosen);
  const [tag, setTag] = useState('');
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [state, setState] = useState<'asking' | 'working' | 'done'>('asking');
  const take = useTakeFlag(environment);
  const guard = useGuard(environment);
  const affected = flags.filter((flag) => changes(action, flag, tag.trim()));
  const failures = [...outcomes.values()].filter((outcome) => outcome.state === 'failed').length;

  const submit = async () => {
    if (state === 'done') return onClose(true);
    if (state === 'working' || affected.length === 0 || !guard.isOpen) return;
    setState('working');
    // The audit log shows them as one act.
    const group = crypto.randomUUID();
    await forEach(
      affected,
      async (flag) => take(await carryOut(environment, action, flag, tag.trim(), group)),
      ({ key }, outcome) => setOutcomes((before) => new Map(before).set(key, outcome)),
      reasonOf,
    );
    setState('done');
  };
  const title = `${TITLES[action]} ${count(flags.length, 'flag')} in ${environment}`;
  return (
    <Dialog
      title={title}
      size="medium"
      onClose={() => state !== 'working' && onClose(state === 'done')}
      onSubmit={() => void submit()}
      footer={
        <>
          {state !== 'done' && (
            <Button onClick={() => onClose(false)} disabled={state === 'working'}>
              Cancel
            </Button>
          )}
          <Button
            look={action === 'on' || action === 'tag' ? 'primary' : 'danger'}
            type="submit"
            data-autofocus={action === 'tag' ? undefined : ''}
            disabled={state === 'working' || affected.length === 0 || (state === 'asking' && !guard.isOpen)}
          >
            {state === 'done'
              ? 'Close'
              : state === 'working'
                ? `${outcomes.size} of ${affected.length}`
                : `${TITLES[action].replace(/ to$/, '')} ${affected.length === flags.length ? '' : `${affected.length} of them`}`}
          </Button>
        </>
      }
    >
      {action === 'tag' && (
        <Field label="Tag">
          <input
            data-autofocus=""
            autoComplete="off"
            value={tag}
            disabled={state !== 'asking'}
            onInput={(event) => setTag(event.currentTarget.value)}
          />
        </Field>
      )}
      {state === 'asking' && guard.field}
      {state === 'done' && (
        <p role="status">
          {count(affected.length - failures, 'flag')} changed{failures > 0 ? `, ${failures} not: each says why.` : '.'}
        </p>
      )}
      <ul className="bulk-list">
        {flags.map((flag) => {
          const outcome = outcomes.get(flag.key);
          return (
            <li key={flag.key} className={affected.includes(flag) ? '' : 'muted'}>
              <span className="mono">{flag.key}</span>
              <span>
                {outcome === undefined ? (
                  effectOf(action, flag, tag.trim())
                ) : outcome.state === 'done' ? (
                  <>
                    <Icon name="check" /> done
                  </>
                ) : (
                  <span className="problem">{outcome.reason}</span>
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}

function changes(action: Action, { isEnabled, isArchived, tags }: FlagSummary, tag: string): boolean {
  switch (action) {
    case 'on':
      return !isEnabled && !isArchived;
    case 'off':
      return isEnabled;
    case 'tag':
      return tag !== '' && !tags.includes(tag);
    case 'archive':
      return !isArchived;
    case 'restore':
      return isArchived;
  }
}

function effectOf(action: Action, flag: FlagSummary, tag: string): string {
  if (action === 'tag') return flag.tags.includes(tag) ? 'has it' : flag.tags.join(', ');
  if (!changes(action, flag, tag)) return `is ${action === 'on' || action === 'off' ? action : `${action}d`} already`;
  const first = flag.rules + flag.targets > 0 ? ', after its rules and users' : '';
  switch (action) {
    case 'on':
      return `${offOf(flag)} → ${servingOf(flag)}${first}`;
    case 'off':
      return `${servingOf(flag)}${first} → ${offOf(flag)} for everybody`;
    case 'archive':
      return flag.isEnabled ? 'is on: applications get their default' : 'applications get their default';
    default:
      return 'comes back';
  }
}

async function carryOut(environment: string, action: Action, flag: FlagSummary, tag: string, group: string) {
  const { key, version } = flag;
  if (action === 'on' || action === 'off') return calls.switchFlag(environment, key, action === 'on', version, group);
  if (action === 'archive' || action === 'restore')
    return calls.archiveFlag(environment, key, action === 'archive', version, group);
  const { data } = await calls.flag(environment, key);
  return calls.putFlag(environment, { ...data, tags: [...data.tags, tag] }, version, { group });
}
