import { ApiError } from '../api/http.js';
import { queryClient } from '../api/queries.js';
import { signOut } from '../api/session.js';
import { complain } from '../ui/toasts.js';

/** Signs out and forgets what was loaded: the next one at this screen may not be allowed to see it. */
export async function leave(): Promise<void> {
  try {
    const continueAt = await signOut(() => queryClient.clear());
    if (continueAt !== null) location.assign(continueAt);
  } catch (error) {
    // The session has ended already: loading the page anew asks to sign in.
    if (error instanceof ApiError && error.kind === 'signed-out') location.assign('/');
    else complain('You are still signed in', error);
  }
}
