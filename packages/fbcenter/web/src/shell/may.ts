import { useEnvironments, useSession } from '../api/queries.js';

/** What one may do in an environment. The server refuses the rest anyway; the page does not offer it. */
export interface May {
  readonly edit: boolean;
  readonly rule: boolean;
  /** Why not, for where something is missing. */
  readonly why: string;
}

export function useMay(environment: string): May {
  const place = useEnvironments().data?.find(({ key }) => key === environment);
  // Until it is known nothing is taken away, so that nothing flickers.
  const role = place === undefined ? 'admin' : place.role;
  return {
    edit: role === 'admin' || role === 'editor',
    rule: role === 'admin',
    why: `Your role in ${place?.name ?? environment} is ${role}: ask an admin for more.`,
  };
}

/** Whether one may do what belongs to no environment: users, access tokens, new environments. */
export function useIsAdmin(): boolean {
  const me = useSession().data?.me;
  return me === undefined || me?.role === 'admin';
}
