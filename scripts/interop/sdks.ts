import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, ROOT } from '../run.js';

/** An SDK of FeatBit's as it is published. */
export interface PublishedSdk {
  readonly name: string;
  /** Installs it in a folder. @returns the command that runs a program with it; URL and secret follow. */
  install(folder: string): readonly string[];
}

const NODE = '@featbit/node-server-sdk@1.3.0';
const PYTHON = 'fb-python-sdk==1.2.1';

export const SDKS: readonly PublishedSdk[] = [
  {
    name: NODE,
    install(folder) {
      writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
      mustRun('npm', ['install', '--silent', '--no-audit', '--no-fund', NODE], { folder });
      copyFileSync(join(ROOT, 'scripts/interop/client.mjs'), join(folder, 'client.mjs'));
      return [process.execPath, 'client.mjs'];
    },
  },
  {
    name: PYTHON,
    install(folder) {
      mustRun('python3', ['-m', 'venv', 'python'], { folder });
      const python = join(folder, 'python/bin/python');
      mustRun(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PYTHON], { folder });
      copyFileSync(join(ROOT, 'scripts/interop/client.py'), join(folder, 'client.py'));
      return [python, 'client.py'];
    },
  },
];
