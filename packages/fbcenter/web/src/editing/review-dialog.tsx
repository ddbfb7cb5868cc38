import type { Change } from '../model/parts.js';
import { CodeBlock } from '../ui/code-block.js';
import { Button, CopyButton } from '../ui/controls.js';
import { Dialog } from '../ui/dialog.js';
import { Notice } from '../ui/notice.js';
import { ChangeList } from './change-list.js';
import { CommentField } from './comment-field.js';
import { useGuard } from './guard.js';

/** What saving will do: each change with before and after, and the call that would do the same. */
export function ReviewDialog({
  title,
  environment,
  comment,
  onComment,
  changes,
  effect,
  call,
  problem,
  isSending,
  onSave,
  onClose,
}: {
  readonly title: string;
  readonly environment: string;
  readonly comment: string;
  readonly onComment: (comment: string) => void;
  readonly changes: readonly Change[];
  readonly effect: string | undefined;
  readonly call: string;
  readonly problem: string | undefined;
  readonly isSending: boolean;
  readonly onSave: () => void;
  readonly onClose: () => void;
}) {
  const guard = useGuard(environment);
  return (
    <Dialog
      title={`Save ${title}`}
      size="wide"
      onClose={onClose}
      onSubmit={() => guard.isOpen && onSave()}
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button look="primary" type="submit" data-autofocus="" disabled={isSending || !guard.isOpen}>
            Save
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      {effect !== undefined && <p className="lead">{effect}</p>}
      <ChangeList changes={changes} />
      <CommentField value={comment} onInput={onComment} />
      {guard.field}
      <details className="call">
        <summary>The call that does the same</summary>
        <div className="snippet">
          <div className="snippet-head">
            <CopyButton text={call} label="Copy" />
          </div>
          <CodeBlock label="The call as a command" code={call} />
        </div>
      </details>
    </Dialog>
  );
}
