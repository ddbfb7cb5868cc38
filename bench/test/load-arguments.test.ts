import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readArguments } from '../src/load/arguments.js';
import { LOAD_HELP, PEERS, SCENES } from '../src/load/help.js';

it.each([
  [[], { scenes: SCENES, peers: [], connections: 50_000, offersDeflate: true, isCheck: false, isWritten: false }],
  [['--scene', 'sync,push'], { scenes: ['push', 'sync'], peers: [] }],
  [['--peer', 'go-feature-flag'], { scenes: [], peers: ['go-feature-flag'] }],
  [['--peer', 'go-feature-flag', '--scene', 'push'], { scenes: ['push'], peers: ['go-feature-flag'] }],
  [
    ['--connections', '100', '--flags', '7', '--pushes', '1', '--plain', '--write', '--check'],
    { connections: 100, flags: 7, pushes: 1, offersDeflate: false, isCheck: true, isWritten: true },
  ],
])('%j ask for what they say', (given, expected) => {
  expect(readArguments(given)).toMatchObject(expected);
});

it.each([
  [['--scene', 'pull'], '--scene: there is no "pull"; there are connections, push'],
  [['--peer', 'nobody'], `--peer: there is no "nobody"; there are ${PEERS.join(', ')}`],
  [['--connections', '9'], '--connections must be a whole number from 10 to 60000'],
  [['--pushes', 'some'], '--pushes must be a whole number'],
  [['--frobnicate'], 'frobnicate'],
])('%j are refused', (given, problem) => {
  expect(readArguments(given)).toEqual({ problem: expect.stringContaining(problem) });
});

const runCenter = (...given: readonly string[]) =>
  spawnSync(process.execPath, ['--import=tsx', fileURLToPath(new URL('../run-center.ts', import.meta.url)), ...given], {
    encoding: 'utf8',
  });

it('the help is printed at once: nothing is built for it', () => {
  const { status, stdout } = runCenter('--help');
  expect([status, stdout]).toEqual([0, `${LOAD_HELP}\n`]);
});

it('what cannot be asked for is refused at once, with the help', () => {
  const { status, stdout, stderr } = runCenter('--peer', 'nobody');
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('there is no "nobody"');
  expect(stderr).toContain(LOAD_HELP);
});
