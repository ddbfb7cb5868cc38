import { stringify } from 'yaml';
import type { InvitedBody, LinkBody, NewTokenBody, TokenListBody, UserBody, UserListBody } from '../api/access.js';
import { CenterError } from '../errors.js';
import type { Change } from '../manage/comparison.js';
import type { Management } from '../manage/management.js';
import { usersFile } from '../manage/user-files.js';
import { type GrantsText, grantsOf } from './manage.js';
import type { Managing } from './manage-run.js';
import { tableText } from './table.js';

type Names = Pick<UserBody, 'name' | 'role' | 'environments'>;

/** `fbcenter users …` */
export async function manageUsers(managing: Managing): Promise<0> {
  const { command, context, management } = managing;
  const [verb, name, role] = command.words;
  if (verb === 'list') {
    const { items } = await management.call<UserListBody>('/users');
    if (command.options.yaml) {
      context.out(stringify(usersFile(items), { aliasDuplicateObjects: false }));
      return 0;
    }
    const rows = items.map((user) => [user.name, roleText(user), user.state, user.lastSignInAt ?? 'never']);
    context.out(command.options.json ? lineOf(items) : tableText(['user', 'role', 'state', 'last sign-in'], rows));
    return 0;
  }
  if (verb === 'invite') return invite(managing, name, role);
  const user = await userOf(name ?? '', management);
  const path = `/users/${encodeURIComponent(user.id)}`;
  const changes: Readonly<Record<string, readonly [method: 'PUT' | 'DELETE', body: unknown, says: string]>> = {
    role: ['PUT', grantsOf(role ?? ''), `is ${roleText(grantsOf(role ?? ''))}`],
    disable: ['PUT', { isDisabled: true }, 'is disabled: every session has ended'],
    enable: ['PUT', { isDisabled: false }, 'can sign in again'],
    remove: ['DELETE', undefined, 'is removed'],
  };
  const [method = 'PUT', body, says] = changes[verb ?? ''] ?? [];
  return done(managing, `${user.name} ${says}`, () =>
    management.call(path, { method, ...(body === undefined ? {} : { body }) }),
  );
}

async function invite(managing: Managing, name: string | undefined, role: string | undefined): Promise<0> {
  const { command, context, management } = managing;
  const { target, options } = command;
  if (options.dryRun) {
    context.out(`${name ?? 'the first admin'} would be given a link\n`);
    return 0;
  }
  const made = await linkFor(management, name, role);
  const link = `${target.publicUrl ?? target.url ?? target.localUrl}${made.link}`;
  const who = name ?? 'the first admin';
  if (options.json) context.out(lineOf({ name: name ?? null, link, expiresAt: made.expiresAt }));
  else context.out(`A link for ${who}, in private: it works once, until ${made.expiresAt}.\n${link}\n`);
  return 0;
}

/** For a new user, for one who has forgotten the password, or for the first admin. */
async function linkFor(management: Management, name: string | undefined, role: string | undefined): Promise<LinkBody> {
  if (name === undefined) return management.call<LinkBody>('/links/first', { method: 'POST' });
  const { items } = await management.call<UserListBody>('/users');
  const known = items.find((user) => isNamed(user, name));
  if (known === undefined) {
    const body = { name, ...grantsOf(role ?? 'viewer') };
    return management.call<InvitedBody>('/users', { method: 'POST', body });
  }
  if (role !== undefined && roleText(known) !== roleText(grantsOf(role))) {
    throw new CenterError(
      'already-exists',
      `${known.name} is there already, as ${roleText(known)}: change that with "fbcenter users role"`,
    );
  }
  return management.call<LinkBody>(`/users/${encodeURIComponent(known.id)}/link`, { method: 'POST' });
}

/** What is said once users are what files say: who is invited has no way in yet, and links do not belong into the log of a pipeline. */
export function usersDoneText(changes: readonly Change[]): string {
  if (changes.length === 0) return '';
  const invited = changes.filter(({ outcome }) => outcome === 'created');
  const lines = invited.map(({ key }) => `${key} needs a link, in private: fbcenter users invite ${wordOf(key)}`);
  return `${['users are done', ...lines].join('\n')}\n`;
}

/** A name as a shell takes it. */
function wordOf(name: string): string {
  return /^[\w.@+-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

/** `fbcenter tokens …` */
export async function manageTokens(managing: Managing): Promise<0> {
  const { command, context, management } = managing;
  const { options } = command;
  const [verb, name = '', role = 'viewer'] = command.words;
  if (verb === 'create') {
    const body = { name, ...grantsOf(role), ...(options.expires === undefined ? {} : { expiresAt: options.expires }) };
    if (options.dryRun) {
      context.out(`${name} would be ${roleText(grantsOf(role))}\n`);
      return 0;
    }
    const { token, ...made } = await management.call<NewTokenBody>('/tokens', { method: 'POST', body });
    // The token alone goes to stdout: a script keeps it without looking for it.
    if (!options.json) context.err(`The access token ${made.name}, ${roleText(made)}; it is not shown again:\n`);
    context.out(options.json ? lineOf({ ...made, token }) : `${token}\n`);
    return 0;
  }
  const { items } = await management.call<TokenListBody>('/tokens');
  if (verb === 'list') {
    const rows = items.map((token) => [
      token.name,
      roleText(token),
      token.start ?? '',
      token.expiresAt === null ? 'never' : `${token.expiresAt}${token.isExpired ? ' (over)' : ''}`,
      token.lastUsedAt ?? '',
      token.id,
    ]);
    const head = ['token', 'role', 'begins with', 'ends', 'last used', 'id'];
    context.out(options.json ? lineOf(items) : tableText(head, rows));
    return 0;
  }
  const found = items.filter((token) => token.id === name || token.name === name);
  const [only, ...others] = found;
  if (only === undefined)
    throw new CenterError('unreachable', `There is no access token ${name}: see "fbcenter tokens list"`);
  if (others.length > 0)
    throw new CenterError('unreachable', `${found.length} access tokens are called ${name}: give the id of one`);
  const path = `/tokens/${encodeURIComponent(only.id)}`;
  return done(managing, `${only.name} is revoked`, () => management.call(path, { method: 'DELETE' }));
}

async function done({ command, context }: Managing, says: string, work: () => Promise<unknown>): Promise<0> {
  const { dryRun, json } = command.options;
  if (!dryRun) await work();
  if (json) context.out(lineOf({ dryRun, done: dryRun ? null : says }));
  else context.out(dryRun ? `to be done: ${says}\n` : `${says}\n`);
  return 0;
}

async function userOf(name: string, management: Management): Promise<UserBody> {
  const { items } = await management.call<UserListBody>('/users');
  const known = items.find((user) => isNamed(user, name));
  if (known !== undefined) return known;
  throw new CenterError('unreachable', `There is no user ${name}: see "fbcenter users list"`);
}

function isNamed(user: Names, name: string): boolean {
  return user.name.toLowerCase() === name.trim().toLowerCase();
}

/** As it is given on the command line. */
function roleText(grants: GrantsText | undefined): string {
  if (grants === undefined) return '';
  const single = Object.entries(grants.environments).map(([key, role]) => `${key}=${role}`);
  return [...(grants.role === null ? [] : [grants.role]), ...single].join(',');
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
