import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { plainProgram } from '../../scripts/test-support/plain-program.js';

const MAIN = plainProgram(fileURLToPath(new URL('../src/main.ts', import.meta.url)));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    // One that started after all would not end.
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  return { status, stdout, stderr };
}

describe('the demo', () => {
  it('explains itself', () => {
    expect(run('--help')).toEqual({
      status: 0,
      stdout: expect.stringContaining('npm start -- [--port N]'),
      stderr: '',
    });
  });

  it.each([
    [['--foo'], "Unknown option '--foo'"],
    [['extra'], "Unexpected argument 'extra'"],
    [['--port'], "'--port <value>' argument missing"],
    [['--port', 'abc'], 'port: must be a whole number from 0 to 65535'],
    [['--port', ''], 'port: must be a whole number from 0 to 65535'],
    [['--data', ''], 'dataFolder: must be the path of a folder'],
  ])('called with %j says what is wrong, how it is called, and ends with 2', (args, message) => {
    const { status, stdout, stderr } = run(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain('npm start -- [--port N]');
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
