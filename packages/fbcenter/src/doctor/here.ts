import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { inspectDatabase } from '../storage/postgres/inspect.js';
import { TOLERATED } from '../storage/postgres/migrations.js';
import { type FolderContent, type FolderFindings, inspectFolder } from '../storage/sqlite/inspect.js';
import { VERSION } from '../version.js';
import { contained, type Finding, fail, ok, warn } from './finding.js';
import {
  judgeClock,
  judgeNode,
  judgeRights,
  judgeSchema,
  judgeSpace,
  judgeToken,
  judgeVersions,
} from './judgements.js';

/** What is looked at on this machine. */
export interface Here {
  readonly folder: string;
  /** The PostgreSQL that has the data instead. */
  readonly database: string | undefined;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Where a center would answer. */
  readonly url: string;
  readonly token: string | undefined;
  /** What a start would refuse, a line each. */
  readonly settingProblems: readonly string[];
}

/** Looks at everything that a center needs here. Nothing is changed. */
export async function lookHere(here: Here, now: () => number = Date.now): Promise<readonly Finding[]> {
  const { database, settingProblems, token } = here;
  const settings = settingProblems.map((line) => fail('settings', line, 'put it right: a start would refuse it'));
  const data = database === undefined ? await lookAtFolder(here, now) : await lookAtDatabase(database, now);
  return [
    ok('fbcenter', VERSION),
    judgeNode(process.version),
    ...(settings.length > 0 ? settings : [ok('settings', 'a start would take them')]),
    judgeToken(token),
    ...data,
    ...(await contained('port', () => lookAtPort(here))),
  ];
}

async function lookAtFolder({ folder: path }: Here, now: () => number): Promise<readonly Finding[]> {
  const folder = resolve(path);
  if (!existsSync(folder)) {
    const advice = 'give its folder with --data, or start a center, which makes it';
    return [
      judgeClock(now()),
      warn('data', `there is no folder ${folder}`, advice),
      ...(await lookAtDisk(dirname(folder))),
    ];
  }
  const rights = await contained('rights', () => {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return process.platform === 'win32'
      ? ok('rights', 'the folder can be written')
      : judgeRights(statSync(folder).mode);
  });
  const data = await contained('data', () => folderFindings(inspectFolder(folder), folder, now()));
  return [...rights, ...data, ...(await lookAtDisk(folder))];
}

function folderFindings(findings: FolderFindings | undefined, folder: string, now: number): readonly Finding[] {
  if (findings === undefined) {
    const advice = 'a start makes new data: give the right folder, or restore a backup with "fbcenter restore FILE"';
    return [judgeClock(now), warn('data', `there is no database in ${folder}`, advice)];
  }
  const { owner, schema, content } = findings;
  const lock = owner === undefined ? 'no center uses the folder' : `a center uses the folder, process ${owner}`;
  const rest =
    content === undefined
      ? [judgeClock(now)]
      : [judgeVersions(now, content.newestVersion), ...contentFindings(content)];
  return [ok('data', folder), ok('lock', lock), judgeSchema(schema), ...rest];
}

function contentFindings({ documents, damaged, missingChanges, hasLog }: FolderContent): readonly Finding[] {
  const whole = `${documents.toLocaleString('en')} flags and segments`;
  const checksums =
    damaged.length === 0
      ? ok('checksums', `${whole} are what was written`)
      : fail('checksums', `damaged: ${damaged.slice(0, 10).join(', ')}`, 'put them anew, or restore a backup');
  const advice = 'restore a backup if that was not on purpose';
  if (missingChanges === undefined)
    return [checksums, warn('mark', 'the mark beside the database is of another one, or missing', advice)];
  if (missingChanges === 0) return [checksums, ok('mark', 'no acknowledged change is missing')];
  const missing = `${missingChanges.toLocaleString('en')} acknowledged changes are missing`;
  if (hasLog) return [checksums, fail('mark', `${missing}: the log of the database is damaged`, 'restore a backup')];
  return [
    checksums,
    warn('mark', `${missing}: an older copy was put in place`, 'the next start gives every SDK everything anew'),
  ];
}

async function lookAtDatabase(url: string, now: () => number): Promise<readonly Finding[]> {
  return contained('database', async () => {
    const { version, encoding, isReadOnly, now: time, schema } = await inspectDatabase(url);
    const server = isReadOnly
      ? fail(
          'database',
          `PostgreSQL ${version} is a standby, which takes no changes`,
          'give the address of the primary',
        )
      : ok('database', `PostgreSQL ${version} answers`);
    return [
      server,
      encoding === 'UTF8'
        ? ok('encoding', encoding)
        : fail('encoding', encoding, "make a database with ENCODING 'UTF8'"),
      judgeSchema(schema, TOLERATED),
      judgeClock(now(), { name: 'the database', time, tolerance: 5_000 }),
    ];
  });
}

async function lookAtDisk(folder: string): Promise<readonly Finding[]> {
  return contained('disk', () => {
    const { bavail, blocks, bsize } = statfsSync(existsSync(folder) ? folder : '.');
    return judgeSpace(bavail * bsize, blocks * bsize);
  });
}

async function lookAtPort({ host, port, url }: Here): Promise<Finding> {
  const name = `${host}:${port}`;
  const code = await new Promise<string | undefined>((done) => {
    const server = createServer().once('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'unknown'));
    server.listen(port, host, () => server.close(() => done(undefined)));
  });
  if (code === undefined) return ok('port', `${name} is free`);
  if (code === 'EADDRINUSE') {
    if (await isCenter(url)) return ok('port', `a center answers at ${url}`);
    return fail('port', `${name} is in use by another program`, 'stop that one, or give another --port');
  }
  if (code === 'EACCES')
    return fail('port', `${name} needs rights that this user has not`, 'give a --port from 1024 on');
  return fail('port', `${name} cannot be listened on (${code})`, 'give a --host that this machine has');
}

/** How long a center may take to say that it is one, in milliseconds. */
const PATIENCE = 5_000;

async function isCenter(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health/liveness`, { signal: AbortSignal.timeout(PATIENCE) });
    return (await answer.text()).includes('Healthy');
  } catch {
    return false;
  }
}
