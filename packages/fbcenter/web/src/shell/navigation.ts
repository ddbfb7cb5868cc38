import { useMemo } from 'react';
import { navigate, usePathname, useSearch } from 'wouter/use-browser-location';
import { hrefOf, type Route, routeOf } from '../model/route.js';

const LAST_ENVIRONMENT = 'fbcenter.environment';
const LIST = 'fbcenter.list.';

export function useRoute(): Route {
  const pathname = usePathname();
  return useMemo(() => routeOf(pathname), [pathname]);
}

export function useParameters(): URLSearchParams {
  const search = useSearch();
  return useMemo(() => new URLSearchParams(search), [search]);
}

export function goTo(route: Route): void {
  navigate(hrefOf(route));
}

/** Changes parameters of the address without a step in the history; an empty text removes one. */
export function replaceParameters(changes: Readonly<Record<string, string>>): void {
  const parameters = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') parameters.delete(name);
    else parameters.set(name, value);
  }
  const query = parameters.toString();
  const search = query === '' ? '' : `?${query}`;
  if (search !== location.search) navigate(location.pathname + search, { replace: true });
}

/** The environment that was looked at last, for pages that are about none. */
export function lastEnvironment(): string | undefined {
  return localStorage.getItem(LAST_ENVIRONMENT) ?? undefined;
}

export function rememberEnvironment(key: string): void {
  localStorage.setItem(LAST_ENVIRONMENT, key);
}

/** Keeps the search, the order and the place of an environment's flags, as the address has them, for the links that lead back. */
export function rememberList(environment: string): void {
  sessionStorage.setItem(LIST + environment, location.search);
}

/** The list of an environment's flags as it was left in this tab. */
export function listHref(environment: string): string {
  return hrefOf({ page: 'flags', environment }) + (sessionStorage.getItem(LIST + environment) ?? '');
}
