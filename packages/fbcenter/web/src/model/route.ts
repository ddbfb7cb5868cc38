/** The pages and their addresses. Keys may have any character, so that every part of a path is encoded for itself. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'flags'; readonly environment: string }
  | { readonly page: 'flag'; readonly environment: string; readonly key: string; readonly tab: FlagTab }
  | { readonly page: 'why'; readonly environment: string }
  | { readonly page: 'segments'; readonly environment: string }
  | { readonly page: 'segment'; readonly environment: string; readonly id: string }
  | { readonly page: 'experiments'; readonly environment: string }
  | { readonly page: 'experiment'; readonly environment: string; readonly key: string }
  /** Setting an experiment up: a new one, or one that does not run. */
  | { readonly page: 'experiment-setup'; readonly environment: string; readonly key: string | undefined }
  | { readonly page: 'webhooks'; readonly environment: string }
  | { readonly page: 'environments' }
  | { readonly page: 'compare'; readonly from?: string }
  | { readonly page: 'settings' }
  | { readonly page: 'audit' }
  /** Behind a one-time link. */
  | { readonly page: 'welcome' }
  | { readonly page: 'nowhere' };

export const FLAG_TABS = ['targeting', 'variations', 'why', 'insights', 'code', 'triggers', 'history'] as const;
export type FlagTab = (typeof FLAG_TABS)[number];

export function hrefOf(route: Route): string {
  switch (route.page) {
    case 'flags':
    case 'why':
    case 'segments':
    case 'experiments':
    case 'webhooks':
      return path('env', route.environment, route.page);
    case 'experiment':
      return path('env', route.environment, 'experiments', route.key);
    case 'experiment-setup':
      if (route.key === undefined) return path('env', route.environment, 'new-experiment');
      return path('env', route.environment, 'experiments', route.key, 'setup');
    case 'flag': {
      const flag = path('env', route.environment, 'flags', route.key);
      return route.tab === 'targeting' ? flag : `${flag}/${route.tab}`;
    }
    case 'segment':
      return path('env', route.environment, 'segments', route.id);
    case 'environments':
      return '/environments';
    case 'compare':
      return `/environments/compare${route.from === undefined ? '' : `?from=${encodeURIComponent(route.from)}`}`;
    case 'settings':
      return '/settings';
    case 'audit':
      return '/settings/audit';
    case 'welcome':
      return '/welcome';
    default:
      return '/';
  }
}

export function routeOf(pathname: string): Route {
  const [first, ...rest] = pathname.split('/').filter(Boolean).map(decoded);
  if (first === undefined) return { page: 'home' };
  if (first === 'environments') {
    if (rest.length === 0) return { page: 'environments' };
    return rest.length === 1 && rest[0] === 'compare' ? { page: 'compare' } : { page: 'nowhere' };
  }
  if (first === 'welcome') return { page: rest.length === 0 ? 'welcome' : 'nowhere' };
  if (first === 'settings') {
    if (rest.length === 0) return { page: 'settings' };
    return rest.length === 1 && rest[0] === 'audit' ? { page: 'audit' } : { page: 'nowhere' };
  }
  const [environment, kind, key, tab] = rest;
  if (first !== 'env' || environment === undefined || rest.length > 4) return { page: 'nowhere' };
  if (kind === 'flags' && key !== undefined) {
    const known = FLAG_TABS.find((name) => name === (tab ?? 'targeting'));
    return known === undefined ? { page: 'nowhere' } : { page: 'flag', environment, key, tab: known };
  }
  if (kind === 'segments' && key !== undefined) {
    return tab === undefined ? { page: 'segment', environment, id: key } : { page: 'nowhere' };
  }
  if (kind === 'experiments' && key !== undefined) {
    if (tab === 'setup') return { page: 'experiment-setup', environment, key };
    return tab === undefined ? { page: 'experiment', environment, key } : { page: 'nowhere' };
  }
  if (key !== undefined) return { page: 'nowhere' };
  if (kind === 'experiments') return { page: 'experiments', environment };
  if (kind === 'new-experiment') return { page: 'experiment-setup', environment, key: undefined };
  if (kind === undefined || kind === 'flags') return { page: 'flags', environment };
  if (kind === 'segments') return { page: 'segments', environment };
  if (kind === 'why' || kind === 'webhooks') return { page: kind, environment };
  return { page: 'nowhere' };
}

function path(...parts: readonly string[]): string {
  return `/${parts.map(encodePart).join('/')}`;
}

/** `.` and `..` would be taken as steps in the path, even encoded: they get a mark in front, and so does what begins with it. */
function encodePart(part: string): string {
  return encodeURIComponent(/^\.{1,2}$|^~/.test(part) ? `~${part}` : part);
}

function decoded(part: string): string {
  try {
    const text = decodeURIComponent(part);
    return text.startsWith('~') ? text.slice(1) : text;
  } catch {
    return part;
  }
}
