import { useEffect, useRef } from 'react';
import { useSignIn } from '../shell/sign-in-form.js';

export function SignInPage() {
  const { submit, fields, button } = useSignIn(() => undefined);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    document.title = 'Sign in · fbcenter';
    form.current?.querySelector('input')?.focus();
  }, []);
  return (
    <main className="sign-in">
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1>
          <span className="logo" aria-hidden="true" />
          fbcenter
        </h1>
        {fields}
        {button}
      </form>
    </main>
  );
}
