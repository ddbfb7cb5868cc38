import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { callsIn, needsDatabase, programOf, stepsOf } from '../../../../scripts/guides/guide.js';
import { readCommand } from '../../src/cli/command-line.js';

const FOLDER = new URL('../../../../docs/operating/', import.meta.url);
const guides = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.md'))
  .map((file) => [file, stepsOf(file, readFileSync(new URL(file, FOLDER), 'utf8'))] as const);

/** As the guides give them, by variables and config files. */
const VARIABLES = { FBCENTER_URL: '', FBCENTER_ADMIN_TOKEN: 'x'.repeat(40) };

describe('the guides for operators', () => {
  it.each(guides)('%s has steps, and calls of the command that it understands', (_, steps) => {
    expect(steps.filter(({ isCheck }) => !isCheck).length).toBeGreaterThan(1);
    const calls = callsIn(steps);
    expect(calls.length).toBeGreaterThan(3);
    for (const { line, args } of calls) {
      const database = args[0] === 'migrate-to' ? { FBCENTER_DATABASE: 'postgres://h/flags' } : {};
      const known = args.map((arg) => (arg.startsWith('$') ? 'x' : arg));
      const read = () => readCommand(known, { ...VARIABLES, ...database }, () => 'x'.repeat(40));
      expect(read, `line ${line}: fbcenter ${args.join(' ')}`).not.toThrow();
    }
  });

  it.each(guides)('%s has no check that cannot fail', (_, steps) => {
    // Bash goes on after a command that is negated, and after one that is not the last of a list.
    for (const { code, line } of steps) expect(code, `line ${line}`).not.toMatch(/^\s*! |kill .*&&/m);
  });

  it.each(guides)('%s is a program of bash', (_, steps) => {
    const program = programOf(steps, { ports: [1, 2], database: 'postgres://u@h/d' });
    const { status, stderr } = spawnSync('bash', ['-n'], { input: program, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expect(program).not.toContain('PASSWORD');
  });
});

describe('the steps of a guide', () => {
  const fence = '```';

  it('are its blocks and checks, each with its line', () => {
    const page = `# A\n\n${fence}sh step\na\nb\n${fence}\n\n${fence}sh\nnot run\n${fence}\n\n<!-- check\nc\n-->\n\n${fence}json\n{}\n${fence}\n`;
    expect(stepsOf('p.md', page)).toEqual([
      { line: 4, code: 'a\nb\n', isCheck: false },
      { line: 13, code: 'c\n', isCheck: true },
    ]);
  });

  it.each(['bash', 'shell', 'sh steps', 'sh run'])('are not fenced as %s', (info) => {
    expect(() => stepsOf('p.md', `${fence}${info}\na\n${fence}\n`)).toThrow(
      `p.md:1: fence it as sh step, to be run, or as sh; not as ${info}`,
    );
  });

  it('have ports and a database of their own', () => {
    const code = 'x 5100 5101\ny postgres://fbcenter:PASSWORD@db.example.org:5432/flags\n';
    const steps = [{ line: 7, code, isCheck: false }];
    expect(needsDatabase(steps)).toBe(true);
    expect(needsDatabase([{ line: 1, code: 'x', isCheck: false }])).toBe(false);
    // Free ports may look like those that they stand for.
    expect(programOf(steps, { ports: [5101, 45100], database: 'postgres://u@h:45101/d' })).toContain(
      'x 5101 45100\ny postgres://u@h:45101/d\n',
    );
    expect(programOf(steps, { ports: [1, 2], database: 'postgres://u@h/d' })).toContain(
      'echo 7 >&3\nx 1 2\ny postgres://u@h/d\n',
    );
  });

  it.each<[steps: string[], code: number, reached: string]>([
    [['true', 'true'], 0, '1\n2\n'],
    [['true', 'false', 'true'], 1, '1\n2\n'],
    [['echo a | grep -q b', 'true'], 1, '1\n'],
    [['echo $nothing'], 1, '1\n'],
    [['sleep 600 &', 'kill %1', 'wait'], 0, '1\n2\n3\n'],
    // What was started is ended with the guide.
    [['sleep 600 &', 'exit 3'], 3, '1\n2\n'],
  ])('%j end with %d, having come to %j', (codes, code, reached) => {
    const program = programOf(
      codes.map((one, index) => ({ line: index + 1, code: `${one}\n`, isCheck: false })),
      { ports: [1, 2], database: '' },
    );
    const done = spawnSync('bash', ['-c', program], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], encoding: 'utf8' });
    expect([done.status, String(done.output[3])]).toEqual([code, reached]);
  });

  it.each<[code: string, calls: string[][]]>([
    ['fbcenter doctor', [['doctor']]],
    ['fbcenter --data d > log &', [['--data', 'd']]],
    ['A=$(fbcenter tokens list --json | node)', [['tokens', 'list', '--json']]],
    ['fbcenter apply -f a --comment "b c" || test $? = 1', [['apply', '-f', 'a', '--comment', 'b c']]],
    ['env -u A fbcenter backup f', [['backup', 'f']]],
    ['cat fbcenter.yaml', []],
  ])('%s calls %j', (code, calls) => {
    expect(callsIn([{ line: 1, code, isCheck: false }]).map(({ args }) => args)).toEqual(calls);
  });
});
