import '../../styles/settings.css';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { NewTriggerBody, TriggerBody } from '../../../../src/api/triggers.js';
import { keys } from '../../api/keys.js';
import { useTriggers } from '../../api/triggers.js';
import { timeOf } from '../../model/time.js';
import { ACTION_TEXTS, usesText } from '../../model/triggers.js';
import type { May } from '../../shell/may.js';
import { Button, Empty, Since, Skeleton, Toggle } from '../../ui/controls.js';
import { Menu } from '../../ui/menu.js';
import { LoadFailure } from '../../ui/notice.js';
import { say } from '../../ui/toasts.js';
import { TriggerDialog, type TriggerQuestion } from './trigger-dialogs.js';

/** Addresses by which programs switch the flag. */
export function TriggersTab({
  environment,
  flagKey,
  isArchived,
  may,
}: {
  readonly environment: string;
  readonly flagKey: string;
  readonly isArchived: boolean;
  readonly may: May;
}) {
  const triggers = useTriggers(environment, flagKey, may.edit);
  const client = useQueryClient();
  const [question, setQuestion] = useState<TriggerQuestion>();
  const reload = () => client.invalidateQueries({ queryKey: keys.triggers(environment, flagKey) });
  const finish = async (done: string | NewTriggerBody) => {
    await reload();
    if (typeof done === 'string') {
      setQuestion(undefined);
      say(done);
    } else setQuestion({ name: 'made', made: done });
  };
  const button = (
    <Button icon="plus" onClick={() => setQuestion({ name: 'make' })}>
      New trigger
    </Button>
  );
  if (!may.edit) return <p className="quiet">Only those who may change the flag see its triggers. {may.why}</p>;
  return (
    <div className="triggers">
      <LoadFailure of={triggers} what="The triggers" />
      {!may.rule && <p className="quiet">Admins make, switch and remove triggers. {may.why}</p>}
      {triggers.data === undefined ? (
        triggers.error === null && <Skeleton lines={3} />
      ) : triggers.data.length === 0 ? (
        <Empty icon="out" title="No trigger yet">
          <p>
            A trigger is an address that switches this flag, for whatever can do nothing but post to one: an alert that
            switches it off when errors go up, a dashboard, a script.
          </p>
          {may.rule && button}
        </Empty>
      ) : (
        <>
          {isArchived && <p className="quiet">While the flag is archived its triggers are refused.</p>}
          <ul className="rows" aria-label="Triggers">
            {triggers.data.map((trigger) => (
              <TriggerRow
                key={trigger.id}
                trigger={trigger}
                may={may}
                onAsk={(name) => setQuestion({ name, trigger })}
              />
            ))}
          </ul>
          {may.rule && <div className="row-actions">{button}</div>}
        </>
      )}
      {question !== undefined && (
        <TriggerDialog
          environment={environment}
          flagKey={flagKey}
          question={question}
          onDone={finish}
          onClose={() => setQuestion(undefined)}
        />
      )}
    </div>
  );
}

function TriggerRow({
  trigger,
  may,
  onAsk,
}: {
  readonly trigger: TriggerBody;
  readonly may: May;
  readonly onAsk: (name: 'rename' | 'switch' | 'renew' | 'remove') => void;
}) {
  const { name, action, start, isEnabled, createdBy, lastUsedAt } = trigger;
  const usedAt = timeOf(lastUsedAt);
  return (
    <li>
      <span className="row-main">
        <strong>{name}</strong>
        {!isEnabled && <span className="tag">off</span>}
        <span>{ACTION_TEXTS[action]}</span>
        <span className="quiet">
          <code>{start}…</code>; made by {createdBy}
        </span>
      </span>
      <span className="quiet row-time">
        {usesText(trigger)}
        {usedAt !== undefined && (
          <>
            , last <Since at={usedAt} />
          </>
        )}
      </span>
      {may.rule && (
        <>
          <Toggle isOn={isEnabled} label={`Trigger ${name}`} onPress={() => onAsk('switch')} />
          <Menu
            label={`Actions for ${name}`}
            items={[
              { label: 'Rename', icon: 'pencil', onPress: () => onAsk('rename') },
              { label: 'New address', icon: 'copy', onPress: () => onAsk('renew') },
              { label: 'Remove', icon: 'trash', isDanger: true, onPress: () => onAsk('remove') },
            ]}
          />
        </>
      )}
    </li>
  );
}
