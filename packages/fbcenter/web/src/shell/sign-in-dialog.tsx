import { Dialog } from '../ui/dialog.js';
import { useSignIn } from './sign-in-form.js';

/** Signing in again without leaving the page, so that nothing that was typed is lost. */
export function SignInDialog({ onClose }: { readonly onClose: () => void }) {
  const { submit, fields, button, others } = useSignIn(onClose);
  return (
    <Dialog title="Sign in again" onClose={onClose} onSubmit={() => void submit()} footer={button}>
      {fields}
      {others}
    </Dialog>
  );
}
