import { describe, expect, it } from 'vitest';
import { readArguments } from '../../src/cli/arguments.js';
import { readCommand } from '../../src/cli/command-line.js';
import { relayHelpText, verbHelpText } from '../../src/cli/help.js';
import { SETTINGS } from '../../src/cli/settings.js';
import {
  isVerb,
  misplaced,
  RUN_OPTIONS,
  type RunOptionName,
  VERBS,
  type Verb,
  type VerbName,
} from '../../src/cli/verbs.js';

const all = Object.entries(VERBS) as [VerbName, Verb][];
const options = Object.keys(RUN_OPTIONS) as RunOptionName[];
const EVERYWHERE: readonly RunOptionName[] = ['config', 'help', 'version'];

describe('the table of commands', () => {
  it('calls each as it is named, and says in a line what it does', () => {
    for (const [name, { usage, help }] of all) {
      expect(usage.length).toBeGreaterThan(0);
      for (const line of usage) expect(line === '' ? 'start' : line.split(' ')[0]).toBe(name);
      expect(help).toMatch(/^[a-z].{10,90}[^.]$/);
    }
  });

  it('has flags that are no settings, each taken by somebody', () => {
    const flags = Object.values(SETTINGS).map(({ flag }) => flag as string);
    expect(options.filter((name) => flags.includes(name))).toEqual([]);
    const taken = new Set(all.flatMap(([, { takes }]) => takes));
    expect(options.filter((name) => !taken.has(name) && !EVERYWHERE.includes(name))).toEqual([]);
  });

  it.each(['start', 'Start', '', 'toString', 'constructor', '__proto__', 'backup '])('has no command %j', (word) => {
    expect(isVerb(word)).toBe(false);
  });
});

describe('a flag', () => {
  it.each(all)('of %s is taken where the table says so, and nowhere else', (verb, { takes }) => {
    for (const option of options) {
      const value = 'value' in RUN_OPTIONS[option] ? 'x' : true;
      const isTaken = takes.includes(option) || EVERYWHERE.includes(option);
      expect([option, misplaced(verb, { [option]: value }) === undefined]).toEqual([option, isTaken]);
    }
  });

  it.each<[verb: VerbName, flags: object, sentence: string | undefined]>([
    ['start', {}, undefined],
    ['start', { port: '80' }, undefined],
    ['start', { force: true }, '--force goes with export, backup, restore and migrate-to'],
    ['export', { prune: true }, '--prune goes with apply'],
    ['apply', { from: 'dev' }, '--from goes with promote'],
    ['diff', { plan: 'x' }, '--plan goes with import, promote and apply'],
    ['doctor', { watch: true }, '--watch goes with experiment'],
  ])('of %s with %j: %s', (verb, flags, sentence) => {
    expect(misplaced(verb, flags as Record<string, unknown>)).toBe(sentence);
  });

  it.each([
    [['apply', '-f', 'x'], { file: 'x' }],
    [['apply', '-fx'], { file: 'x' }],
    [['apply', '--file=x'], { file: 'x' }],
    [['--admin-token-file', '-x'], { 'admin-token-file': '-x' }],
    [['promote', 'a', '--comment', '--no, not yet'], { comment: '--no, not yet' }],
  ])('is read: %j', (args, flags) => {
    expect({ ...readArguments(args).flags }).toEqual(flags);
  });
});

describe('help', () => {
  it.each(all)('for %s can be asked for, before anything else is judged', (verb) => {
    if (verb === 'start') return;
    const bad = ['--port', 'x', '--log-level', 'loud'];
    expect(readCommand([verb, ...(verb === 'relay' ? ['--port', 'x'] : bad), '--help'], {}, () => '')).toEqual({
      kind: 'help',
      verb,
    });
  });

  it('of a command has its flags, with what stands for their values', () => {
    expect(verbHelpText('apply')).toContain('  -f, --file PATH');
    expect(verbHelpText('apply')).toContain('--plan PLAN');
    expect(verbHelpText('export')).not.toContain('--prune');
    // What a command works on.
    for (const [verb, places] of [
      ['export', ['--url', '--data', '--database', '--environment']],
      ['backup', ['--data']],
      ['config', []],
    ] as const) {
      const named = ['--url', '--data', '--database', '--environment'].filter((flag) =>
        verbHelpText(verb).includes(`  ${flag} `),
      );
      expect([verb, named]).toEqual([verb, places]);
    }
    expect(relayHelpText()).toContain('--config FILE');
  });
});
