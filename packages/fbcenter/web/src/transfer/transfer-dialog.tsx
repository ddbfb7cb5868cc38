import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { TransferBody } from '../../../src/api/transfer.js';
import { ApiError } from '../api/http.js';
import { CommentField } from '../editing/comment-field.js';
import { useGuard } from '../editing/guard.js';
import { Button, Skeleton } from '../ui/controls.js';
import { Dialog } from '../ui/dialog.js';
import { Notice } from '../ui/notice.js';
import { reasonOf } from '../ui/toasts.js';
import { TransferList } from './transfer-list.js';

interface TransferDialogProps {
  readonly title: string;
  /** The environment that is changed. */
  readonly into: string;
  /** What the button says. */
  readonly verb: string;
  /** What it depends on besides: another text means that it has to be looked at again. Absent = there is nothing to look at yet. */
  readonly question: string | undefined;
  /** Without a plan it only says what would be done; with one it does that, or nothing. */
  run(plan: string | undefined, comment: string): Promise<TransferBody>;
  readonly onDone: (done: TransferBody) => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
  /** Shown in the place of the plain list. */
  readonly listOf?: (plan: TransferBody) => ReactNode;
}

/** Many changes at once: what each would be is shown first, and exactly that is done, all of it or nothing. */
export function TransferDialog(props: TransferDialogProps) {
  const { title, into, verb, question, onDone, onClose, children, listOf } = props;
  const run = useRef(props.run);
  run.current = props.run;
  const guard = useGuard(into);
  const client = useQueryClient();
  const [plan, setPlan] = useState<TransferBody>();
  const [problem, setProblem] = useState<string>();
  const [comment, setComment] = useState('');
  const [isSending, setSending] = useState(false);
  const [looks, setLooks] = useState(0);

  useEffect(() => {
    if (question === undefined) return;
    let isWanted = true;
    setPlan(undefined);
    run.current(undefined, '').then(
      (answer) => isWanted && setPlan(answer),
      (error: unknown) => isWanted && setProblem(reasonOf(error)),
    );
    return () => {
      isWanted = false;
    };
  }, [question, looks]);

  const changes = plan === undefined ? 0 : plan.counts.created + plan.counts.changed;
  const canDo = plan !== undefined && plan.counts.faulty === 0 && changes > 0 && guard.isOpen && !isSending;
  const submit = async () => {
    if (!canDo) return;
    setSending(true);
    setProblem(undefined);
    try {
      const done = await run.current(plan.plan, comment);
      await client.invalidateQueries({ queryKey: ['env', into] });
      onDone(done);
    } catch (error) {
      const isLate = error instanceof ApiError && error.kind === 'stale-version';
      setProblem(isLate ? 'Something was changed in this moment: look at it again.' : reasonOf(error));
      if (isLate) setLooks(looks + 1);
    } finally {
      setSending(false);
    }
  };
  return (
    <Dialog
      title={title}
      size="wide"
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={!canDo}>
            {isSending ? `${verb} …` : verb}
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      {children}
      {question !== undefined && plan === undefined && problem === undefined && <Skeleton lines={4} />}
      {plan !== undefined && (
        <>
          {listOf?.(plan) ?? <TransferList of={plan} />}
          <CommentField value={comment} onInput={setComment} />
          {guard.field}
        </>
      )}
    </Dialog>
  );
}
