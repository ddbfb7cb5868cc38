import { existsSync } from 'node:fs';
import { mustRun, run } from './run.js';

/** Another installation may be under way on a fresh machine: it is waited for so long, in seconds. */
const LOCKED = 120;

/**
 * Installs packages of Debian's, as root or with sudo, and asks nobody anything.
 *
 * @param title what is missing.
 * @param otherwise what somebody can do where it cannot be installed.
 * @throws Error with both, or with what apt-get has written.
 */
export function installPackages(packages: readonly string[], title: string, otherwise: string): void {
  const isRoot = process.getuid?.() === 0;
  const mayInstall = existsSync('/usr/bin/apt-get') && (isRoot || run('sudo', ['-n', 'true']).ok);
  if (!mayInstall) {
    throw new Error(`There is no ${title}, and this cannot install it (apt-get, as root or with sudo): ${otherwise}`);
  }
  console.log(`installing ${packages.join(' ')} …`);
  const aptGet = (...args: readonly string[]) => {
    const command = [
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-qq',
      `-oDPkg::Lock::Timeout=${LOCKED}`,
      ...args,
    ];
    const [program = '', ...rest] = isRoot ? command : ['sudo', '-n', ...command];
    mustRun(program, rest);
  };
  aptGet('update');
  aptGet('install', '--yes', '--no-install-recommends', ...packages);
}
