import { useState } from 'react';
import { ApiError } from '../api/http.js';
import { queryClient, useSession } from '../api/queries.js';
import { signInWithPassword, signInWithToken } from '../api/session.js';
import { Button, Field } from '../ui/controls.js';
import { reasonOf } from '../ui/toasts.js';

/** Asks who it is until the server knows. */
export function useSignIn(onDone: () => void) {
  const state = useSession().data;
  const [chosen, setChosen] = useState<'password' | 'token'>();
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isTrying, setTrying] = useState(false);
  // As long as nobody has an account, the token that was printed is the way in.
  const way = chosen ?? (state === undefined || state.hasUsers ? 'password' : 'token');
  const isToken = way === 'token';

  const submit = async () => {
    if (isToken && secret.trim() === '') return setProblem('Paste the access token that the server printed.');
    if (!isToken && (name.trim() === '' || secret === '')) return setProblem('Give your name and your password.');
    setTrying(true);
    try {
      await (isToken ? signInWithToken(secret.trim()) : signInWithPassword(name, secret));
      await queryClient.invalidateQueries();
      onDone();
    } catch (error) {
      const isWrongToken = isToken && error instanceof ApiError && error.kind === 'signed-out';
      setProblem(
        isWrongToken ? 'The server does not know this token. It prints the right one when it starts.' : reasonOf(error),
      );
    } finally {
      setTrying(false);
    }
  };
  const choose = (next: 'password' | 'token') => {
    setChosen(next);
    setSecret('');
    setProblem(undefined);
  };
  const fields = (
    <>
      {!isToken && (
        <Field label="Name">
          <input
            data-autofocus
            autoComplete="username"
            spellCheck={false}
            value={name}
            onInput={(event) => {
              setName(event.currentTarget.value);
              setProblem(undefined);
            }}
          />
        </Field>
      )}
      <Field
        key={way}
        label={isToken ? 'Access token' : 'Password'}
        problem={problem}
        hint={isToken ? 'The server prints it when it starts. This tab forgets it when it is closed.' : undefined}
      >
        <input
          data-autofocus={isToken ? true : undefined}
          type="password"
          autoComplete={isToken ? 'off' : 'current-password'}
          spellCheck={false}
          value={secret}
          aria-invalid={problem !== undefined}
          onInput={(event) => {
            setSecret(event.currentTarget.value);
            setProblem(undefined);
          }}
        />
      </Field>
    </>
  );
  const button = (
    <Button look="primary" type="submit" disabled={isTrying}>
      {isTrying ? 'Signing in …' : 'Sign in'}
    </Button>
  );
  const others = (
    <div className="other-ways">
      {typeof state?.identityProvider === 'string' && (
        <a className="button plain" href={`/api/v1/oidc/start?to=${encodeURIComponent(location.pathname)}`}>
          Sign in with {state.identityProvider}
        </a>
      )}
      <button type="button" className="link-button" onClick={() => choose(isToken ? 'password' : 'token')}>
        {isToken ? 'Use a name and a password' : 'Use an access token'}
      </button>
    </div>
  );
  return { submit, fields, button, others, isReady: state !== undefined };
}
