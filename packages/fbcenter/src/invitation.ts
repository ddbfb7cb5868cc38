import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createAccess } from './access/access.js';
import type { NewLink } from './access/accounts.js';
import { CenterError } from './errors.js';
import { CENTER } from './model/actor.js';
import { Refusal } from './model/refusal.js';
import type { Role } from './model/role.js';
import { keptAdminToken } from './provisioning.js';
import { systemClock } from './runtime/clock.js';
import { silentLogger } from './runtime/log.js';
import { openPostgresStorage } from './storage/postgres/open.js';
import { DATABASE_FILE } from './storage/sqlite/data-folder.js';
import { keptSetting } from './storage/sqlite/kept-setting.js';
import { openSqliteStorage } from './storage/sqlite/open.js';
import type { Storage } from './storage/storage.js';

/** Who is invited, and where the center is. */
export interface InvitationOptions {
  readonly folder: string;
  /** The PostgreSQL that has the data instead of the folder. */
  readonly database?: string | undefined;
  /** Where the center listens, if it runs. */
  readonly url: string;
  /** Where browsers find it. */
  readonly publicUrl: string;
  /** The access token of the settings. @default the one that is kept in the folder */
  readonly token: string | undefined;
  /** Absent = the first admin, who chooses a name. */
  readonly name: string | undefined;
  /** What a new user may do, everywhere. */
  readonly role: Role;
}

/** A link that was made. */
export interface Invitation {
  readonly link: string;
  readonly expiresAt: Date;
}

/**
 * Makes a link by which somebody comes in: for a new user, for one who has forgotten the password, or for the first admin. Asks the center when
 * it runs; otherwise writes into its folder.
 *
 * @throws CenterError that says why there is no link.
 */
export async function invite(options: InvitationOptions): Promise<Invitation> {
  const folder = resolve(options.folder);
  if (options.database !== undefined) return inDatabase(options.database, options);
  if (!existsSync(join(folder, DATABASE_FILE))) {
    throw new CenterError('data-missing', `There is no ${DATABASE_FILE} in ${folder}: give its folder with --data`);
  }
  try {
    return await linkIn(openSqliteStorage({ folder }), options);
  } catch (error) {
    if (!(error instanceof CenterError) || error.code !== 'folder-in-use') throw error;
  }
  return ofRunning(folder, options);
}

/** The center may run: it has the database in common with whoever else uses it. */
async function inDatabase(url: string, options: InvitationOptions): Promise<Invitation> {
  const storage = await openPostgresStorage({ url });
  if ((await storage.environments.list()).length > 0) return linkIn(storage, options);
  await storage.close();
  throw new CenterError('data-missing', 'There is no center in the database: give its address with --database');
}

async function linkIn(storage: Storage, options: InvitationOptions): Promise<Invitation> {
  try {
    const { code, expiresAt } = await newLink(storage, options);
    return { link: `${options.publicUrl}/welcome#${code}`, expiresAt: new Date(expiresAt) };
  } catch (error) {
    if (error instanceof Refusal) throw new CenterError('already-exists', error.message);
    throw error;
  }
}

async function newLink(storage: Storage, { name, role, token }: InvitationOptions): Promise<NewLink> {
  try {
    const settingsToken = token ?? (await keptAdminToken(storage.settings)).token;
    const { accounts } = createAccess({ storage, settingsToken, clock: systemClock, log: silentLogger });
    if (name === undefined) return (await accounts.firstLink()) ?? thereIsAnAdmin();
    const known = await storage.users.byName(name);
    if (known !== undefined) return await accounts.link(known.id, CENTER);
    return (await accounts.invite(name, { everywhere: role, environments: {} }, CENTER)).link;
  } finally {
    await storage.close();
  }
}

async function ofRunning(folder: string, options: InvitationOptions): Promise<Invitation> {
  const { url, publicUrl, name, role } = options;
  const token = options.token ?? keptSetting(folder, 'admin-token') ?? '';
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${token}` };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(`${url}/api/v1${path}`, init).catch((cause: unknown) => {
      throw new CenterError(
        'cannot-listen',
        `The folder is in use, but no center answers at ${url}: give --host and --port as the center has them`,
        { cause },
      );
    });
    const value = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
    if (answer.ok) return value;
    throw new CenterError('already-exists', `The center at ${url} refuses it: ${value.message ?? answer.status}`);
  };
  const made = name === undefined ? await call('POST', '/links/first') : await forName(name, role, call);
  return { link: publicUrl + String(made.link), expiresAt: new Date(String(made.expiresAt)) };
}

async function forName(
  name: string,
  role: Role,
  call: (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const { items } = (await call('GET', '/users')) as {
    items?: readonly { readonly id: string; readonly name: string }[];
  };
  const known = items?.find((user) => user.name.toLowerCase() === name.trim().toLowerCase());
  if (known !== undefined) return call('POST', `/users/${encodeURIComponent(known.id)}/link`);
  return call('POST', '/users', { name, role });
}

function thereIsAnAdmin(): never {
  throw new Refusal('already-exists', 'There is an admin who can sign in: name whom to invite');
}
