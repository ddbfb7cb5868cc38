import { contained, type Finding, fail, ok, warn } from './finding.js';
import { judgeClock } from './judgements.js';

/** A center that runs somewhere. */
export interface There {
  readonly url: string;
  readonly token: string;
}

/** How long an answer may take, in milliseconds. */
const PATIENCE = 10_000;

/** Looks at a center from outside. */
export async function lookThere({ url, token }: There, now: () => number = Date.now): Promise<readonly Finding[]> {
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(PATIENCE) });
  const reached = await contained('center', async () => {
    const answer = await ask('/health/liveness');
    if (!(await answer.text()).includes('Healthy')) {
      return fail(
        'center',
        `what answers at ${url} is no fbcenter (${answer.status})`,
        'look at --url, and at the proxy in front',
      );
    }
    const date = Date.parse(answer.headers.get('date') ?? '');
    // The header has whole seconds.
    const clock = Number.isNaN(date) ? [] : [judgeClock(now(), { name: 'the center', time: date, tolerance: 5_000 })];
    return [ok('center', `answers at ${url}`), ...clock];
  });
  if (reached.some(({ state }) => state === 'fail')) return reached;
  const ready = await contained('readiness', async () => {
    const answer = await ask('/health/readiness');
    const text = await answer.text();
    return answer.ok
      ? ok('readiness', 'its storage takes changes')
      : fail(
          'readiness',
          `it answers ${answer.status}: ${messageIn(text)}`,
          'look at its log, its disk and its database',
        );
  });
  const access = await contained('token', async () => {
    const answer = await ask('/api/v1/session', { authorization: `Bearer ${token}` });
    if (answer.status === 401)
      return fail('token', 'the access token is refused', 'give a good one with FBCENTER_ADMIN_TOKEN');
    const { me } = (await answer.json()) as {
      readonly me?: { readonly name: string; readonly role: string | null } | null;
    };
    if (me === undefined || me === null)
      return fail('token', 'the access token is nobody', 'give a good one with FBCENTER_ADMIN_TOKEN');
    return ok('token', `${me.name}, ${me.role ?? 'in single environments'}`);
  });
  const { hostname, protocol } = new URL(url);
  const isPrivate = protocol === 'https:' || /^(?:localhost|127\.|\[::1\])/.test(hostname);
  const transport = isPrivate
    ? ok('transport', protocol === 'https:' ? 'encrypted' : 'within this machine')
    : warn('transport', 'the access token goes over the network as it is', 'use an https address');
  return [...reached, ...ready, ...access, transport];
}

function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === 'string' ? message : 'without a reason';
  } catch {
    return 'without a reason';
  }
}
