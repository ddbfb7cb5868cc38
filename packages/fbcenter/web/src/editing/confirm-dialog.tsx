import { type ReactNode, useState } from 'react';
import { Button } from '../ui/controls.js';
import { Dialog } from '../ui/dialog.js';
import { Notice } from '../ui/notice.js';
import { reasonOf } from '../ui/toasts.js';
import { useGuard } from './guard.js';

/** Asks before something is done in an environment: what it is, what follows, and the environment's name where that is protected. */
export function ConfirmDialog({
  environment,
  title,
  action,
  isDanger = false,
  children,
  run,
  onClose,
}: {
  readonly environment: string;
  readonly title: string;
  /** What the button says. */
  readonly action: string;
  readonly isDanger?: boolean;
  readonly children: ReactNode;
  /** What it throws is shown, and the dialog stays. */
  run(): Promise<void>;
  readonly onClose: () => void;
}) {
  const guard = useGuard(environment);
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const submit = async () => {
    if (!guard.isOpen || isSending) return;
    setSending(true);
    try {
      await run();
    } catch (error) {
      setProblem(reasonOf(error));
      setSending(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look={isDanger ? 'danger' : 'primary'}
            type="submit"
            data-autofocus={isDanger ? undefined : ''}
            disabled={isSending || !guard.isOpen}
          >
            {action}
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      <p>{children}</p>
      {guard.field}
    </Dialog>
  );
}
