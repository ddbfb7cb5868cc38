import { type Finding, fail, ok, warn } from './finding.js';

const MIB = 1024 * 1024;
const MINUTE = 60_000;

/** The oldest Node.js that the package supports. */
const NODE = [20, 19] as const;

/** @param version such as `v20.20.0`. */
export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isOld = major < NODE[0] || (major === NODE[0] && minor < NODE[1]);
  if (isOld) return fail('node', `Node.js ${version} is too old`, `install ${NODE.join('.')} or later`);
  return ok('node', `Node.js ${version}`);
}

/** @param free bytes that this user may still write. */
export function judgeSpace(free: number, total: number): Finding {
  const text = `${Math.floor(free / MIB).toLocaleString('en')} MiB of ${Math.floor(total / MIB).toLocaleString('en')} MiB are free`;
  if (free < 64 * MIB) return fail('disk', text, 'make room: changes are refused when the disk is full');
  if (free < 1024 * MIB || free < total * 0.05) return warn('disk', text, 'make room before changes are refused');
  return ok('disk', text);
}

/** The time when this was written: a clock before that is wrong. */
const WRITTEN = Date.UTC(2026, 10, 1);

/**
 * @param now of this machine, in Unix milliseconds.
 * @param other of the database, the center or the newest version, and what it is called.
 */
export function judgeClock(
  now: number,
  other?: { readonly name: string; readonly time: number; readonly tolerance: number },
): Finding {
  const advice = 'set the clock, and keep it set by NTP: versions and audit entries go by it';
  const date = new Date(now).toISOString();
  if (now < WRITTEN) return fail('clock', `it is ${date}, before this program was made`, advice);
  if (other === undefined) return ok('clock', date);
  const apart = other.time - now;
  if (Math.abs(apart) <= other.tolerance) return ok('clock', `${date}, and ${other.name} says the same`);
  const seconds = Math.round(Math.abs(apart) / 1_000).toLocaleString('en');
  return warn('clock', `${other.name} is ${seconds} s ${apart > 0 ? 'ahead' : 'behind'}`, advice);
}

/** Versions are times: some seconds ahead is what many changes at once make. */
export function judgeVersions(now: number, newest: number): Finding {
  if (newest <= now + MINUTE) return judgeClock(now);
  return judgeClock(now, { name: 'the newest version', time: newest, tolerance: MINUTE });
}

const GUESSED = /password|passwort|admin|secret|token|change|welcome|letmein|fbcenter|featbit|qwert|12345|abcde/i;

/** @param token that of the settings; `undefined` = the one that the center has made. */
export function judgeToken(token: string | undefined): Finding {
  if (token === undefined) return ok('token', 'the access token is one that the center has made');
  const advice = 'give one that openssl rand -base64 33 makes';
  if (token.length < 20) return fail('token', 'the access token has less than 20 characters', advice);
  if (new Set(token).size < 12) return fail('token', 'the access token has too few different characters', advice);
  if (GUESSED.test(token)) return warn('token', 'the access token has a word in it that is guessed first', advice);
  if (token.length < 32) return warn('token', 'the access token has less than 32 characters', advice);
  return ok('token', 'the access token is long enough');
}

/** @param tolerated how many steps newer may be. */
export function judgeSchema(
  { found, known }: { readonly found: number; readonly known: number },
  tolerated = 0,
): Finding {
  const text = `schema ${found}, and this fbcenter has ${known}`;
  if (found > known + tolerated)
    return fail('schema', `${text}: a newer one has written the data`, 'run the newer version');
  if (found > known) return ok('schema', `${text}: one step newer, which it runs beside`);
  if (found === known) return ok('schema', text);
  if (found === 0) return ok('schema', 'no tables yet: the first start makes them');
  return warn('schema', text, 'the next start brings it up: make a backup before');
}

/** @param mode as the file system has it. */
export function judgeRights(mode: number): Finding {
  const rights = (mode & 0o777).toString(8);
  if ((mode & 0o077) === 0) return ok('rights', `only the owner may look into the folder (${rights})`);
  return warn('rights', `others may look into the folder (${rights}), and secrets are in it`, 'chmod 700 the folder');
}
