import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { OpenLinkBody, SignedInBody } from '../../../src/api/access.js';
import { SLOW } from '../api/calls.js';
import { request } from '../api/http.js';
import { queryClient } from '../api/queries.js';
import { enter } from '../api/session.js';
import { moment } from '../model/time.js';
import { goTo } from '../shell/navigation.js';
import { Button, Field, Skeleton } from '../ui/controls.js';
import { Notice } from '../ui/notice.js';
import { reasonOf } from '../ui/toasts.js';

/** Nobody: a link is followed without being signed in. */
const NOBODY = { token: undefined };

/** The page behind a one-time link: sets a password, for the first admin a name too, and signs in. */
export function WelcomePage() {
  // Read once: nothing else is to see what the address carries, not even the history.
  const [link] = useState(() => location.hash.slice(1));
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const open = useQuery({
    queryKey: ['link', link],
    queryFn: async () => (await request<OpenLinkBody>(NOBODY, 'POST', '/links/look', { body: { link } })).data,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  useEffect(() => {
    document.title = 'Welcome · fbcenter';
    history.replaceState(null, '', location.pathname);
  }, []);
  const submit = async () => {
    if (password !== again) return setProblem('The two passwords differ.');
    setSending(true);
    try {
      const body = { link, password, ...(open.data?.name === null ? { name } : {}) };
      await request<SignedInBody>(NOBODY, 'POST', '/links/follow', { body, patience: SLOW });
      queryClient.clear();
      enter();
      goTo({ page: 'home' });
    } catch (error) {
      setProblem(reasonOf(error));
      setSending(false);
    }
  };
  return (
    <main className="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1>
          <span className="logo" aria-hidden="true" />
          {open.data === undefined || open.data.name === null ? 'Welcome to fbcenter' : `Welcome, ${open.data.name}`}
        </h1>
        {open.error !== null && (
          <>
            <Notice kind="warning">{reasonOf(open.error)}</Notice>
            <a href="/">Sign in</a>
          </>
        )}
        {open.data === undefined ? (
          open.error === null && <Skeleton lines={4} />
        ) : (
          <>
            <p className="quiet">
              {open.data.name === null
                ? 'You become the first admin: choose what you are called and a password.'
                : 'Choose a password. Wherever you are signed in now, you are signed out.'}{' '}
              This link works once, until {moment(Date.parse(open.data.expiresAt))}.
            </p>
            {open.data.name === null && (
              <Field label="Name">
                <input
                  autoComplete="username"
                  spellCheck={false}
                  required
                  value={name}
                  onInput={(event) => setName(event.currentTarget.value)}
                />
              </Field>
            )}
            <Field label="Password" hint="12 characters or more: a few words are easy to keep in mind.">
              <input
                type="password"
                autoComplete="new-password"
                required
                value={password}
                onInput={(event) => setPassword(event.currentTarget.value)}
              />
            </Field>
            <Field label="Password again" problem={problem}>
              <input
                type="password"
                autoComplete="new-password"
                required
                value={again}
                onInput={(event) => {
                  setAgain(event.currentTarget.value);
                  setProblem(undefined);
                }}
              />
            </Field>
            <Button look="primary" type="submit" disabled={isSending}>
              {isSending ? 'Signing in …' : 'Set the password and sign in'}
            </Button>
          </>
        )}
      </form>
    </main>
  );
}
