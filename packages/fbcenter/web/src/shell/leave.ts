import { queryClient } from '../api/queries.js';
import { signOut } from '../api/session.js';

/** Signs out and forgets what was loaded: the next one at this screen may not be allowed to see it. */
export function leave(): void {
  signOut();
  queryClient.clear();
}
