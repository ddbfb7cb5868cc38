import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '../../api/http.js';
import { keys } from '../../api/keys.js';
import { useEnvironments, useFlag, useTakeFlag } from '../../api/queries.js';
import { calls } from '../../api/session.js';
import { useGuard } from '../../editing/guard.js';
import { switchEffect } from '../../model/words.js';
import { Button, Skeleton } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { LoadFailure, Notice } from '../../ui/notice.js';
import { complain, reasonOf, say } from '../../ui/toasts.js';

/** Asks before a flag is switched: which flag, where, and what users will get. */
export function SwitchDialog({
  environment,
  flagKey,
  isEnabled: wasEnabled,
  onSwitched,
  onClose,
}: {
  readonly environment: string;
  readonly flagKey: string;
  /** The state that was on the screen when the switch was pressed: the question stays the one that was asked. */
  readonly isEnabled: boolean;
  readonly onSwitched?: (answer: Awaited<ReturnType<typeof calls.switchFlag>>) => void;
  readonly onClose: () => void;
}) {
  const flag = useFlag(environment, flagKey);
  const client = useQueryClient();
  const take = useTakeFlag(environment);
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const guard = useGuard(environment);
  const name = useEnvironments().data?.find(({ key }) => key === environment)?.name ?? environment;
  const document = flag.data?.data;
  const wanted = wasEnabled ? 'off' : 'on';
  const isDone = document !== undefined && document.isEnabled !== wasEnabled;

  const undo = async (version: number) => {
    try {
      const answer = await calls.switchFlag(environment, flagKey, wasEnabled, version);
      take(answer);
      onSwitched?.(answer);
      say(`${flagKey} is ${wasEnabled ? 'on' : 'off'} again in ${name}.`);
    } catch (error) {
      complain(`${flagKey} was not switched back`, error);
    }
  };
  const submit = async () => {
    if (flag.data === undefined || isSending) return;
    if (isDone) return onClose();
    if (!guard.isOpen) return;
    setSending(true);
    try {
      const answer = await calls.switchFlag(environment, flagKey, !wasEnabled, flag.data.version);
      take(answer);
      onSwitched?.(answer);
      onClose();
      say(`${flagKey} is ${wanted} in ${name}.`, { label: 'Undo', onPress: () => void undo(answer.version) });
    } catch (error) {
      setSending(false);
      if (error instanceof ApiError && error.kind === 'stale-version') {
        await client.invalidateQueries({ queryKey: keys.flag(environment, flagKey) });
        setProblem('Somebody changed the flag in this moment. Below is what the switch does now.');
      } else setProblem(reasonOf(error));
    }
  };
  const effect = document === undefined ? undefined : switchEffect(document);
  return (
    <Dialog
      title={`Switch ${flagKey} ${wanted}?`}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look={wasEnabled ? 'danger' : 'primary'}
            type="submit"
            data-autofocus=""
            disabled={isSending || document === undefined || !(isDone || guard.isOpen)}
          >
            {isDone ? 'Close' : `Switch ${wanted} in ${name}`}
          </Button>
        </>
      }
    >
      <LoadFailure of={flag} what="The flag" />
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      {isDone && <Notice>Somebody else has just switched it {wanted}.</Notice>}
      <dl className="effect">
        <dt>Where</dt>
        <dd>
          <strong className="environment-name">{name}</strong>
        </dd>
        {effect === undefined ? (
          <Skeleton lines={2} />
        ) : (
          !isDone && (
            <>
              <dt>Now</dt>
              <dd>{effect.before}</dd>
              <dt>Then</dt>
              <dd>
                <strong>{effect.after}</strong>
              </dd>
            </>
          )
        )}
      </dl>
      {!isDone && guard.field}
    </Dialog>
  );
}
