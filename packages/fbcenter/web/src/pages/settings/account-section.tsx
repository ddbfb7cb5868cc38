import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SessionBody } from '../../../../src/api/access.js';
import type { Me } from '../../api/calls.js';
import { useEnvironments, useSession } from '../../api/queries.js';
import { leave } from '../../shell/leave.js';
import { Button, Field, Since } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { LoadFailure } from '../../ui/notice.js';
import { complain, reasonOf, say } from '../../ui/toasts.js';
import { grantsText } from './grants-field.js';
import { settingsCalls, settingsKeys, useSessions } from './settings-calls.js';

/** Who is signed in, and where else. */
export function AccountSection() {
  const me = useSession().data?.me;
  const environments = useEnvironments().data ?? [];
  const sessions = useSessions(me?.session != null);
  const [isChanging, setChanging] = useState(false);
  return (
    <section className="step" aria-labelledby="step-session">
      <h2 id="step-session">Signed in</h2>
      <div className="step-body">
        {me != null && (
          <p>
            as <strong>{me.name}</strong>: {grantsText(me, environments)}.
            {me.session === null && ' This tab has the token; closing the tab forgets it.'}
          </p>
        )}
        <LoadFailure of={sessions} what="Your sessions" />
        {me?.session != null && sessions.data !== undefined && (
          <ul className="rows" aria-label="Your sessions">
            {sessions.data.items.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </ul>
        )}
        <div className="row-actions">
          {me?.hasPassword === true && <Button onClick={() => setChanging(true)}>Change password</Button>}
          <Button icon="out" onClick={() => void leave()}>
            Sign out
          </Button>
        </div>
      </div>
      {isChanging && me != null && <PasswordDialog me={me} onClose={() => setChanging(false)} />}
    </section>
  );
}

function SessionRow({ session }: { readonly session: SessionBody }) {
  const client = useQueryClient();
  const end = async () => {
    try {
      await settingsCalls.endSession(session.id);
      await client.invalidateQueries({ queryKey: settingsKeys.sessions });
      say('The session has ended.');
    } catch (error) {
      complain('The session goes on', error);
    }
  };
  const browser = browserOf(session.agent);
  return (
    <li>
      <span className="row-main">
        {browser}
        {session.isThis && <span className="tag">this one</span>}
        <span className="quiet">
          used <Since at={Date.parse(session.lastUsedAt)} />
        </span>
      </span>
      {!session.isThis && (
        <Button look="quiet" aria-label={`End the session of ${browser}`} onClick={() => void end()}>
          End
        </Button>
      )}
    </li>
  );
}

/** A browser by a name that people know; its own words where there is none. */
function browserOf(agent: string): string {
  const [, name] = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent) ?? [];
  const [, system] = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(agent) ?? [];
  if (name === undefined) return agent === '' ? 'A program without a name' : agent.slice(0, 40);
  return [{ Edg: 'Edge', OPR: 'Opera' }[name] ?? name, system].filter(Boolean).join(' on ');
}

function PasswordDialog({ me, onClose }: { readonly me: Me; readonly onClose: () => void }) {
  const client = useQueryClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const submit = async () => {
    if (next !== again) return setProblem('The two new passwords differ.');
    setSending(true);
    try {
      await settingsCalls.changePassword(current, next);
      await client.invalidateQueries();
      onClose();
      say('Your password is changed, and every other session has ended.');
    } catch (error) {
      setProblem(reasonOf(error));
      setSending(false);
    }
  };
  const field = (label: string, value: string, set: (value: string) => void, complete: string) => (
    <Field label={label}>
      <input
        type="password"
        autoComplete={complete}
        value={value}
        onInput={(event) => {
          set(event.currentTarget.value);
          setProblem(undefined);
        }}
      />
    </Field>
  );
  return (
    <Dialog
      title="Change password"
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={isSending}>
            Change
          </Button>
        </>
      }
    >
      {/* Password managers ask for it, to know whose password it is. */}
      <input type="hidden" autoComplete="username" value={me.name} />
      {field('Current password', current, setCurrent, 'current-password')}
      {field('New password', next, setNext, 'new-password')}
      {field('New password again', again, setAgain, 'new-password')}
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <p className="hint">12 characters or more. Every other session of yours ends.</p>
    </Dialog>
  );
}
