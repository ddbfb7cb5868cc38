import type { Center } from 'fbcenter';

export const PASSWORD = 'correct horse battery';

/** Calls the management API with the access token of the settings. */
export async function manage(center: Center, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${center.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${center.adminToken}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

/** Gives somebody an account with {@link PASSWORD}. */
export async function addUser(center: Center, name: string, grants: object): Promise<void> {
  const { link } = await manage(center, 'POST', '/users', { name, ...grants });
  const [, code] = String(link).split('#');
  const response = await fetch(`${center.url}/api/v1/links/follow`, {
    method: 'POST',
    body: JSON.stringify({ link: code, password: PASSWORD }),
  });
  if (!response.ok) throw new Error(await response.text());
}

type Answer = Readonly<Record<string, unknown>>;
