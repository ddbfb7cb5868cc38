import { useState } from 'react';
import { figure } from '../model/figure.js';
import { count } from '../model/words.js';
import { Button, Field } from '../ui/controls.js';
import { Dialog } from '../ui/dialog.js';
import { ListInput } from '../ui/list-input.js';

/** A list of users: chips while it is short, a text of one a line in a dialog when it is long. */
export function UsersEditor({
  label,
  users,
  onChange,
}: {
  readonly label: string;
  readonly users: readonly string[];
  readonly onChange: (users: readonly string[]) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="users-editor">
      {users.length <= 12 ? (
        <ListInput label={label} items={users} onChange={onChange} placeholder="user keys" />
      ) : (
        <p className="users-short">
          {users.slice(0, 6).map((user) => (
            <span key={user} className="chip">
              {user}
            </span>
          ))}
          <span className="hint">and {figure(users.length - 6)} more</span>
        </p>
      )}
      <Button look="quiet" icon="pencil" onClick={() => setOpen(true)} aria-label={`Edit ${label} as a list`}>
        As a list
      </Button>
      {isOpen && <UsersDialog label={label} users={users} onChange={onChange} onClose={() => setOpen(false)} />}
    </div>
  );
}

function UsersDialog({
  label,
  users,
  onChange,
  onClose,
}: {
  readonly label: string;
  readonly users: readonly string[];
  readonly onChange: (users: readonly string[]) => void;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState(users.join('\n'));
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const unique = [...new Set(lines)];
  return (
    <Dialog
      title={label}
      size="medium"
      onClose={onClose}
      onSubmit={() => {
        onChange(unique);
        onClose();
      }}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Use {count(unique.length, 'user')}
          </Button>
        </>
      }
    >
      <Field
        label="User keys, one a line"
        hint={
          lines.length > unique.length
            ? `${lines.length - unique.length} are repeated and count once.`
            : 'Paste as many as you like.'
        }
      >
        <textarea
          data-autofocus=""
          className="mono"
          rows={14}
          spellCheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </Field>
    </Dialog>
  );
}
