import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Center, startCenterWith } from '../center.js';
import { CenterError, type ConfigProblem } from '../errors.js';
import { Management, RefusedError } from '../manage/management.js';
import { databaseProblem, resolveOptions } from '../options.js';
import { lineLogger } from '../runtime/log.js';
import { DATABASE_FILE } from '../storage/sqlite/data-folder.js';
import { keptSetting } from '../storage/sqlite/kept-setting.js';
import { readPort } from './setting-values.js';
import { type Given, nameOf, SETTINGS } from './settings.js';

/** Where a command finds the center's data. */
export interface Target {
  /** The center that runs, without a slash at its end; absent = the data here. */
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly folder: string;
  /** The PostgreSQL that has the data instead of the folder. */
  readonly database: string | undefined;
  /** Where the center of the folder listens, if it runs. */
  readonly localUrl: string;
  /** Where browsers find the center. */
  readonly publicUrl: string | undefined;
}

/** Reads where a command works. What cannot be read goes to the problems. */
export function readTarget(given: Given, problems: ConfigProblem[]): Target {
  const { url, database, adminToken: token, publicUrl } = given;
  if (url !== undefined && !/^https?:\/\/[^\s/?#]+\/*$/.test(url)) {
    problems.push({ option: 'url', message: 'must be like http://host:port' });
  }
  if (url !== undefined && token === undefined) {
    problems.push({ option: 'adminToken', message: `is needed with ${nameOf('url')}: the center asks for it` });
  }
  if (url === undefined && given.memory === 'true') {
    problems.push({ option: 'memory', message: `there is nothing to work on: give ${nameOf('url')}` });
  }
  const inDatabase = database === undefined ? undefined : databaseProblem(database);
  if (inDatabase !== undefined) problems.push({ option: 'database', message: inDatabase });
  const host = given.host ?? SETTINGS.host.fallback;
  const port = readPort(given.port ?? SETTINGS.port.fallback, 'fbcenter', problems);
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return {
    url: url?.replace(/\/+$/, ''),
    token,
    folder: given.dataFolder ?? SETTINGS.dataFolder.fallback,
    database,
    localUrl: `http://${name}:${port}`,
    publicUrl,
  };
}

/** What is said about changes, for the audit log. */
export interface Note {
  readonly comment?: string | undefined;
  readonly group?: string | undefined;
}

/**
 * Does something through the management API: of the center that runs there, or of one that is started on the data here for this moment, on loopback. A
 * folder that a center uses is managed through that one.
 *
 * @param err receives what the center here has to say of the data.
 * @throws CenterError
 */
export async function withManagement<T>(
  target: Target,
  note: Note,
  err: (line: string) => void,
  work: (management: Management) => Promise<T>,
): Promise<T> {
  const { url, token = '' } = target;
  if (url !== undefined) return work(new Management({ url, token, ...note }));
  const folder = resolve(target.folder);
  if (target.database === undefined && !existsSync(join(folder, DATABASE_FILE))) throw nothingIn(folder);
  const opened = await openCenter(target, folder, err);
  if (opened === undefined) return throughOwner(target, folder, note, work);
  try {
    const { url: here, adminToken } = opened;
    return await work(new Management({ url: here, token: adminToken, name: placeOf(target, folder), ...note }));
  } finally {
    await opened.close();
  }
}

/** A center on the data, with a token of its own; `undefined` when another one uses the folder. */
async function openCenter(
  { database }: Target,
  folder: string,
  err: (line: string) => void,
): Promise<Center | undefined> {
  const options = resolveOptions({
    ...(database === undefined ? { dataFolder: folder } : { database }),
    requireData: true,
    port: 0,
    environments: [],
    adminToken: randomBytes(33).toString('base64url'),
    logger: lineLogger('warn', err),
  });
  try {
    return await startCenterWith(options, { leavesAuditLog: true });
  } catch (error) {
    if (!(error instanceof CenterError)) throw error;
    if (error.code === 'folder-in-use') return undefined;
    if (error.code !== 'data-missing' || database === undefined) throw error;
    throw new CenterError('data-missing', 'There is no center in the database: give its address with --database');
  }
}

async function throughOwner<T>(
  { localUrl, token }: Target,
  folder: string,
  note: Note,
  work: (management: Management) => Promise<T>,
): Promise<T> {
  const management = new Management({
    url: localUrl,
    token: token ?? keptSetting(folder, 'admin-token') ?? '',
    ...note,
  });
  await management.call('/session').catch((cause: unknown) => {
    if (cause instanceof RefusedError) throw cause;
    const advice = 'give --host and --port as the center has them, or --url';
    const message = `${folder} is in use, but no center answers at ${localUrl}: ${advice}`;
    throw new CenterError('unreachable', message, { cause });
  });
  return work(management);
}

function placeOf({ database }: Target, folder: string): string {
  return database === undefined ? `The center in ${folder}` : 'The center on the database';
}

function nothingIn(folder: string): CenterError {
  const message = `There is no ${DATABASE_FILE} in ${folder}: give its folder with --data, a database with --database, or a center with --url`;
  return new CenterError('data-missing', message);
}
