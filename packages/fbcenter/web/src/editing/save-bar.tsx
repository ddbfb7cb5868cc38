import { useState } from 'react';
import { ApiError, type Versioned } from '../api/http.js';
import { changesBetween, meet, type PartsOf } from '../model/parts.js';
import { count } from '../model/words.js';
import { useShortcuts } from '../shell/shortcuts.js';
import { Button } from '../ui/controls.js';
import { Notice } from '../ui/notice.js';
import { reasonOf, say } from '../ui/toasts.js';
import type { DraftState } from './draft.js';
import { MeetingDialog } from './meeting-dialog.js';
import { ReviewDialog } from './review-dialog.js';

interface SaveBarProps<D> {
  /** The key of the environment that it is in. */
  readonly environment: string;
  readonly draft: DraftState<D>;
  readonly partsOf: PartsOf<D>;
  /** What is edited and where: "new-checkout in Demo shop". */
  readonly title: string;
  /** What keeps the draft from being saved. */
  readonly problems: readonly string[];
  /** The call of the API that saving makes, as one would type it. */
  readonly callFor: (document: D, version: number) => string;
  /** What users will notice, beside the changes themselves. */
  readonly effect?: string | undefined;
  save(document: D, version: number, comment: string): Promise<Versioned<D>>;
  /** The newest state, for when somebody else was quicker. */
  latest(): Promise<Versioned<D>>;
}

type Step<D> =
  | { readonly name: 'review' }
  | { readonly name: 'meeting'; readonly theirs: Versioned<D>; readonly author: string | undefined };

/** At the foot of an editor while there is something to save: the changes are looked at before they are sent. */
export function SaveBar<D extends { readonly updatorId?: string }>({
  environment,
  draft,
  partsOf,
  title,
  problems,
  callFor,
  effect,
  save,
  latest,
}: SaveBarProps<D>) {
  const [step, setStep] = useState<Step<D>>();
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const [comment, setComment] = useState('');
  const changes = draft.isDirty ? changesBetween(partsOf, draft.base.data, draft.document) : [];
  const canSave = draft.isDirty && problems.length === 0;

  const open = async () => {
    setProblem(undefined);
    if (!draft.isBehind) return setStep({ name: 'review' });
    await lookAtBoth();
  };
  const lookAtBoth = async (changedBy?: string) => {
    try {
      const theirs = await latest();
      setStep({ name: 'meeting', theirs, author: changedBy ?? personIn(theirs.data) });
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  const send = async (document: D, version: number) => {
    if (isSending) return;
    setSending(true);
    setProblem(undefined);
    try {
      await save(document, version, comment);
      draft.discard();
      setComment('');
      setStep(undefined);
      say(`Saved: ${title}.`);
    } catch (error) {
      if (error instanceof ApiError && error.kind === 'stale-version') await lookAtBoth(error.changedBy);
      else setProblem(reasonOf(error));
    } finally {
      setSending(false);
    }
  };
  const discard = () => {
    const restore = draft.discard();
    say(`Discarded: what you changed in ${title}.`, { label: 'Undo', onPress: restore });
  };
  useShortcuts({ 'Mod+s': () => canSave && step === undefined && void open() });
  if (!draft.isDirty) return null;
  return (
    <section className="save-bar" aria-label="Changes that are not saved">
      <p>
        <strong>{count(changes.length, 'change')}</strong> not saved
        {problems.length > 0 && <span className="problem">{problems[0]}</span>}
      </p>
      {draft.isBehind && step === undefined && (
        <Notice kind="warning" action={<Button onClick={() => void lookAtBoth()}>Look at both</Button>}>
          Somebody else has saved a change.
        </Notice>
      )}
      {problem !== undefined && step === undefined && <Notice kind="warning">{problem}</Notice>}
      <Button onClick={discard}>Discard</Button>
      <Button look="primary" onClick={() => void open()} disabled={!canSave} aria-keyshortcuts="Control+S">
        Review and save
      </Button>
      {step?.name === 'review' && (
        <ReviewDialog
          title={title}
          environment={environment}
          comment={comment}
          onComment={setComment}
          changes={changes}
          effect={effect}
          call={callFor(draft.document, draft.base.version)}
          problem={problem}
          isSending={isSending}
          onSave={() => void send(draft.document, draft.base.version)}
          onClose={() => setStep(undefined)}
        />
      )}
      {step?.name === 'meeting' && (
        <MeetingDialog
          title={title}
          author={step.author}
          meetings={meet(partsOf, draft.base.data, step.theirs.data, draft.document)}
          problem={problem}
          isSending={isSending}
          onSave={(mineWins) => {
            const { data, version } = draft.rebase(step.theirs, mineWins);
            void send(data, version);
          }}
          onRebase={(mineWins) => {
            draft.rebase(step.theirs, mineWins);
            setStep(undefined);
          }}
          onClose={() => setStep(undefined)}
        />
      )}
    </section>
  );
}

/** Who a document says changed it, if that is somebody in particular. */
function personIn({ updatorId }: { readonly updatorId?: string }): string | undefined {
  return updatorId === 'admin' ? undefined : updatorId;
}
