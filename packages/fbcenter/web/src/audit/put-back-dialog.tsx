import { useState } from 'react';
import type { DocumentKind } from '../api/calls.js';
import { ApiError, type Versioned } from '../api/http.js';
import { calls } from '../api/session.js';
import { ChangeList } from '../editing/change-list.js';
import { CommentField } from '../editing/comment-field.js';
import { useGuard } from '../editing/guard.js';
import { changesBetween, type PartsOf } from '../model/parts.js';
import { Button, Skeleton } from '../ui/controls.js';
import { Dialog } from '../ui/dialog.js';
import { LoadFailure, Notice } from '../ui/notice.js';
import { reasonOf, say } from '../ui/toasts.js';
import { useVersion } from './version.js';

/** What putting a version back would change; it is a change like any other. */
export function PutBackDialog<D>({
  environment,
  kind,
  documentKey,
  version,
  made,
  latest,
  partsOf,
  onDone,
  onClose,
}: {
  readonly environment: string;
  readonly kind: DocumentKind;
  readonly documentKey: string;
  readonly version: number;
  /** When and by whom, in words. */
  readonly made: string;
  readonly latest: Versioned<D>;
  readonly partsOf: PartsOf<D>;
  readonly onDone: (answer: Versioned<D>) => void;
  readonly onClose: () => void;
}) {
  const old = useVersion<D>(environment, kind, documentKey, version);
  const guard = useGuard(environment);
  const [comment, setComment] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const changes = old.data === undefined ? undefined : changesBetween(partsOf, latest.data, old.data);
  const canDo = changes !== undefined && changes.length > 0 && guard.isOpen && !isSending;
  const submit = async () => {
    if (!canDo) return;
    setSending(true);
    try {
      onDone(await calls.putBack<D>(environment, kind, documentKey, version, { at: latest.version, comment }));
      onClose();
      say(`${documentKey} is what it was ${made}.`);
    } catch (error) {
      setSending(false);
      const who = error instanceof ApiError ? (error.changedBy ?? 'Somebody else') : '';
      const isLate = error instanceof ApiError && error.kind === 'stale-version';
      setProblem(isLate ? `${who} has changed it in this moment: look at it again.` : reasonOf(error));
    }
  };
  return (
    <Dialog
      title={`Put back ${documentKey}`}
      size="wide"
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" data-autofocus="" disabled={!canDo}>
            Put back
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      <LoadFailure of={old} what="The version" />
      <p className="lead">
        It becomes what it was {made}. This is a change like any other, and can be undone the same way.
      </p>
      {changes === undefined ? (
        old.error === null && <Skeleton lines={3} />
      ) : changes.length === 0 ? (
        <p className="quiet">It is the same now: there is nothing to put back.</p>
      ) : (
        <ChangeList changes={changes} />
      )}
      <CommentField value={comment} onInput={setComment} />
      {guard.field}
    </Dialog>
  );
}
