import { useState } from 'react';
import { useTakeFlag } from '../../api/queries.js';
import { calls } from '../../api/session.js';
import { flagOfShape, keyFromName, SHAPES } from '../../model/shapes.js';
import type { FlagSummary } from '../../model/summary.js';
import { goTo } from '../../shell/navigation.js';
import { Button, Field } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { ListInput } from '../../ui/list-input.js';
import { Notice } from '../../ui/notice.js';
import { reasonOf, say } from '../../ui/toasts.js';

const [DEFAULT_SHAPE] = SHAPES;

export function CreateFlagDialog({
  environment,
  flags,
  wantedKey,
  onClose,
}: {
  readonly environment: string;
  readonly flags: readonly FlagSummary[];
  /** The key that it is to have, to begin with. */
  readonly wantedKey?: string | undefined;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [typedKey, setTypedKey] = useState(wantedKey);
  const [tags, setTags] = useState<readonly string[]>([]);
  const [shapeId, setShapeId] = useState(DEFAULT_SHAPE?.id);
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const take = useTakeFlag(environment);
  const key = typedKey ?? keyFromName(name);
  const isTaken = flags.some((flag) => flag.key === key);
  const knownTags = [...new Set(flags.flatMap((flag) => flag.tags))].sort();

  const submit = async () => {
    const shape = SHAPES.find(({ id }) => id === shapeId);
    if (shape === undefined || isSending) return;
    if (key.trim() === '') return setProblem('Give the flag a key: applications ask for it by this.');
    if (isTaken) return setProblem(`There is a flag ${key} in ${environment} already.`);
    setSending(true);
    try {
      const answer = await calls.putFlag(environment, flagOfShape(shape, key, name, tags));
      take(answer);
      onClose();
      goTo({ page: 'flag', environment, key, tab: 'targeting' });
      say(`${key} was made. It is off: nobody gets anything new until you switch it on.`);
    } catch (error) {
      setSending(false);
      setProblem(reasonOf(error));
    }
  };
  return (
    <Dialog
      title="New flag"
      size="medium"
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={isSending}>
            Create, switched off
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      <Field label="Name" hint="What people call it.">
        <input
          data-autofocus=""
          autoComplete="off"
          value={name}
          placeholder="New checkout"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Field
        label="Key"
        hint="What applications ask for. It cannot be changed later."
        problem={isTaken ? `There is a flag ${key} in ${environment} already.` : undefined}
      >
        <input
          className="mono"
          autoComplete="off"
          spellCheck={false}
          value={key}
          placeholder="new-checkout"
          onInput={(event) => {
            setTypedKey(event.currentTarget.value);
            setProblem(undefined);
          }}
        />
      </Field>
      <fieldset className="shapes">
        <legend>Begin with</legend>
        {SHAPES.map(({ id, title, hint }) => (
          <label key={id}>
            <input type="radio" name="shape" value={id} checked={id === shapeId} onChange={() => setShapeId(id)} />
            <strong>{title}</strong>
            <span>{hint}</span>
          </label>
        ))}
      </fieldset>
      <div className="field">
        <span className="field-label">Tags</span>
        <ListInput
          label="Tags"
          items={tags}
          onChange={setTags}
          suggestions={knownTags}
          placeholder="checkout, team-blue"
        />
      </div>
    </Dialog>
  );
}
