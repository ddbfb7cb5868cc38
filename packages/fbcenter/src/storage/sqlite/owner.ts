import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** A process; its start tells it from others that have had its number. */
interface ProcessIdentity {
  /** Where the number means something: the boot of the machine and, in containers, the space of process numbers. */
  readonly place: string;
  readonly pid: number;
  readonly started: string;
}

/** The statement in a file that this process owns the folder. */
export class Ownership {
  readonly #path: string;
  readonly #file: bigint | undefined;

  /**
   * @param path where it is written.
   * @param lock the file of the lock, by which a folder is told from a copy of it.
   */
  constructor(path: string, lock: string) {
    this.#path = path;
    const draft = `${path}.${process.pid}`;
    const statement = { ...identityOf(process.pid), lock: String(fileOf(lock)) };
    writeFileSync(draft, `${JSON.stringify(statement)}\n`, { mode: 0o600 });
    renameSync(draft, path);
    this.#file = fileOf(path);
  }

  /** Withdraws the statement, unless somebody else has put another one in its place. */
  end(): void {
    if (fileOf(this.#path) === this.#file) rmSync(this.#path, { force: true });
  }
}

/** The number of the process that owns a folder and lives; `undefined` when none does, or when that cannot be known. */
export function livingOwner(path: string, lock: string): number | undefined {
  let owner: (Partial<ProcessIdentity> & { readonly lock?: unknown }) | null;
  try {
    owner = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof owner?.pid !== 'number' || owner.lock !== String(fileOf(lock))) return undefined;
  const living = identityOf(owner.pid);
  return living?.place === owner.place && living?.started === owner.started ? owner.pid : undefined;
}

/** `undefined` when there is no such process, or when the system does not say: then the lock alone counts. */
function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    if (process.platform === 'linux') {
      const place = `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
      // The name of the program, in parentheses, may hold anything; after it come the state and, 19 fields on, the start.
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // A process that has ended and was not waited for is listed as a zombie.
      return /[ZX]/.test(fields[0] ?? '') ? undefined : { place, pid, started: fields[19] ?? '' };
    }
    // Windows keeps locks by handle: there is nothing that its own process could do to them.
    if (process.platform === 'win32') return undefined;
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return started === '' ? undefined : { place: process.platform, pid, started };
  } catch {
    return undefined;
  }
}

function fileOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
