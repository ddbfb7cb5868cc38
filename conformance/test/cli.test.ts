import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../src/cli.js';

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const SOURCE = ['--conditions=fbclient-source', '--import=tsx'];
const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  const code = await main(args, {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}

const driver = (name: string, ...options: string[]): string =>
  [process.execPath, ...options, path(name)].map((part) => `"${part}"`).join(' ');

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('fbclient-conformance', () => {
  it('explains itself', async () => {
    const { code, stdout } = await cli('--help');
    expect(code).toBe(0);
    for (const option of ['--driver', '--group', '--case', '--jobs', '--junit', '--json', '--list']) {
      expect(stdout).toContain(option);
    }
  });

  it('lists the cases of a group', async () => {
    const { code, stdout } = await cli('--list', '--group', 'streaming');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^streaming\/hello {2}\[stream\.hello\] {2}The first message/m);
    expect(stdout).toMatch(/^streaming\/slow-answer .*\(waits: 11 s/m);
  });

  it.each([
    [['--group', 'nothing'], 'there is no group nothing'],
    [['--case', 'a/b'], 'there is no case a/b'],
    [['--jobs', '0', '--driver', 'true'], '--jobs must be a whole number from 1 to 64'],
    [['--drivers', 'x'], "Unknown option '--drivers'"],
    [[], '--driver is missing'],
    [['--driver', 'exit 4', '--group', 'token'], 'the driver process ended (exit code 4)'],
  ])('ends with 2 for %j', async (args, message) => {
    const { code, stderr } = await cli(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('ends with 1 and writes reports when a case fails', async () => {
    const junit = join(folder, 'junit.xml');
    const json = join(folder, 'report.json');
    const command = driver('test/support/faulty-driver.js');
    const { code, stdout } = await cli('--driver', command, '--group', 'evaluation', '--junit', junit, '--json', json);
    expect(code).toBe(1);
    expect(stdout).toContain('rule eval.disabled: A disabled flag serves');
    expect(readFileSync(junit, 'utf8')).toContain('<testsuite name="evaluation"');
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ sdk: 'faulty' });
  });

  it('passes fbclient', async () => {
    const groups = ['evaluation', 'bulk', 'insight', 'events', 'listeners'].flatMap((group) => ['--group', group]);
    const { code, stdout } = await cli('--driver', driver('drivers/fbclient.js', ...SOURCE), '--jobs', '3', ...groups);
    expect(stdout).toContain(' 0 failed, 0 skipped in ');
    expect(code).toBe(0);
  });

  it.skipIf(!hasPython)(
    'passes the minimal driver in Python, which offers little (needs python3 on the machine)',
    async () => {
      const { code, stdout } = await cli('--driver', `python3 "${path('drivers/python/driver.py')}"`);
      expect(stdout).toMatch(/\d{3} passed, 0 failed, \d{3,} skipped/);
      expect(code).toBe(0);
    },
  );
});
