import { useEffect, useLayoutEffect, useRef } from 'react';
import { useSession } from '../api/queries.js';
import { enter } from '../api/session.js';
import { replaceParameters, useParameters } from '../shell/navigation.js';
import { useSignIn } from '../shell/sign-in-form.js';
import { Skeleton } from '../ui/controls.js';
import { LoadFailure, Notice } from '../ui/notice.js';

/** What the identity provider's way back says when it did not work. */
const PROBLEMS: Readonly<Record<string, string>> = {
  'no-role': 'You are known, but no group of yours has a role in this center: ask an admin.',
  disabled: 'Your account here is disabled: ask an admin.',
  expired: 'Signing in took too long, or was begun in another window: try again.',
  unavailable: 'The identity provider did not answer as expected: try again, or tell an admin to look at the log.',
  refused: 'The identity provider refused it.',
};

export function SignInPage() {
  const session = useSession();
  const me = session.data?.me;
  const { submit, fields, button, others } = useSignIn(() => undefined);
  const problem = PROBLEMS[useParameters().get('problem') ?? ''];
  const form = useRef<HTMLFormElement>(null);
  const isAsking = session.data !== undefined && !me;
  useEffect(() => {
    // The browser brought the cookie of a session that goes on.
    if (me) enter();
  }, [me]);
  useLayoutEffect(() => {
    document.title = 'Sign in · fbcenter';
    if (isAsking) form.current?.querySelector('input')?.focus();
  }, [isAsking]);
  return (
    <main className="sign-in">
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          replaceParameters({ problem: '' });
          void submit();
        }}
      >
        <h1>
          <span className="logo" aria-hidden="true" />
          fbcenter
        </h1>
        <LoadFailure of={session} what="The sign-in" />
        {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
        {isAsking ? (
          <>
            {fields}
            {button}
            {others}
          </>
        ) : (
          session.error === null && <Skeleton lines={3} />
        )}
      </form>
    </main>
  );
}
