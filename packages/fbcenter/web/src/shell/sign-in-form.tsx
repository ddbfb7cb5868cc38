import { useState } from 'react';
import { ApiError } from '../api/http.js';
import { queryClient } from '../api/queries.js';
import { signIn } from '../api/session.js';
import { Button, Field } from '../ui/controls.js';
import { reasonOf } from '../ui/toasts.js';

/** Asks for the access token until the server takes it. */
export function useSignIn(onDone: () => void) {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isTrying, setTrying] = useState(false);
  const submit = async () => {
    if (token.trim() === '') return setProblem('Paste the access token that the server printed when it started.');
    setTrying(true);
    try {
      await signIn(token.trim());
      await queryClient.invalidateQueries();
      onDone();
    } catch (error) {
      const isWrong = error instanceof ApiError && error.kind === 'signed-out';
      setProblem(
        isWrong ? 'The server does not know this token. It prints the right one when it starts.' : reasonOf(error),
      );
    } finally {
      setTrying(false);
    }
  };
  const fields = (
    <Field
      label="Access token"
      problem={problem}
      hint="The server prints it when it starts. This tab forgets it when it is closed."
    >
      <input
        data-autofocus
        type="password"
        autoComplete="off"
        spellCheck={false}
        value={token}
        aria-invalid={problem !== undefined}
        onInput={(event) => {
          setToken(event.currentTarget.value);
          setProblem(undefined);
        }}
      />
    </Field>
  );
  const button = (
    <Button look="primary" type="submit" disabled={isTrying}>
      Sign in
    </Button>
  );
  return { submit, fields, button };
}
