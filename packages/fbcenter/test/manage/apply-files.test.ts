import { describe, expect, it } from 'vitest';
import { readWanted, stepsOf } from '../../src/manage/apply-files.js';

const HEAD = 'format: fbcenter-environment\nformatVersion: 1\n';
const read = (texts: Record<string, string>, environment?: string) =>
  readWanted(
    Object.entries(texts).map(([path, text]) => ({ path, text })),
    environment,
  );
const faultsOf = (texts: Record<string, string>) => {
  const wanted = read(texts);
  return 'faults' in wanted ? wanted.faults.map(({ place, message }) => `${place}: ${message}`) : [];
};

describe('files that say what there is to be', () => {
  it('are those of an export, in JSON or YAML; an environment may be spread over several', () => {
    const wanted = read({
      'a.yaml': `${HEAD}environment: { key: prod, name: Production }\nflags:\n  - key: a\n---\n${HEAD}environment: { key: dev }\n`,
      'b.json': JSON.stringify({
        format: 'fbcenter-environment',
        formatVersion: 1,
        exportedAt: '2026-11-28T00:00:00Z',
        environment: { key: 'prod', isProtected: true },
        segments: [{ id: 's' }],
        flags: [{ key: 'b' }],
      }),
    });
    if ('faults' in wanted) throw new Error(JSON.stringify(wanted.faults));
    const short = wanted.environments.map(({ documents, ...rest }) => ({
      ...rest,
      documents: documents.map(({ kind, input, place }) => [kind, input, place('')]),
    }));
    expect(short).toEqual(
      [
        {
          key: 'prod',
          name: 'Production',
          isProtected: true,
          documents: [
            ['flag', { key: 'a' }, 'a.yaml:5'],
            ['segment', { id: 's' }, 'b.json:1'],
            ['flag', { key: 'b' }, 'b.json:1'],
          ],
        },
        { key: 'dev', name: undefined, isProtected: undefined, documents: [] },
      ].map(({ name, isProtected, ...rest }) => ({
        ...(name && { name }),
        ...(isProtected && { isProtected }),
        ...rest,
      })),
    );
  });

  it('go to the environment that is given, whatever they say', () => {
    const wanted = read({ f: `${HEAD}environment: { key: prod, name: Production }\nflags: [{ key: a }]\n` }, 'dev');
    expect(wanted).toMatchObject({ environments: [{ key: 'dev', documents: [{ kind: 'flag' }] }] });
    expect(wanted).not.toMatchObject({ environments: [{ name: 'Production' }] });
    expect(read({ f: `${HEAD}flags: []\n` }, 'dev')).toMatchObject({ environments: [{ key: 'dev' }] });
  });

  it.each<[text: string, ...faults: string[]]>([
    ['flags: []', 'f:1: format: must be fbcenter-environment or fbcenter-users'],
    ['format: fbcenter-environment\nformatVersion: 2', 'f:2: formatVersion: must be 1, which this fbcenter knows'],
    ['[]', 'f:1: is no environment: it must have the lines "format: fbcenter-environment" and "formatVersion: 1"'],
    ['a: [', expect.stringMatching(/^f:\d+: /) as unknown as string],
    [HEAD, 'f:1: environment: must have a key, as in "environment: { key: prod }"'],
    [`${HEAD}environment: prod`, 'f:3: environment: must have a key, as in "environment: { key: prod }"'],
    [`${HEAD}environment: { key: p }\nflag: []`, 'f:4: flag: there is no such field; did you mean flags?'],
    [
      `${HEAD}environment: { key: p }\nusers: []`,
      'f:4: users: there is no such field; there are format, formatVersion, exportedAt, environment, segments, flags',
    ],
    [`${HEAD}environment:\n  key: p\n  nam: x`, 'f:5: nam: there is no such field; did you mean name?'],
    [`${HEAD}environment: { key: p, name: 1 }`, 'f:3: environment.name: must be a text'],
    [`${HEAD}environment: { key: p, isProtected: 1 }`, 'f:3: environment.isProtected: must be true or false'],
    [`${HEAD}environment: { key: p }\nflags: {}`, 'f:4: flags: must be a list'],
    [
      `${HEAD}environment: { key: p }\nflags:\n  - key: a\n  - key: a`,
      'f:6: the flag a stands in f:5, too: leave one of them out',
    ],
    [
      `${HEAD}environment: { key: p, name: A }\n---\n${HEAD}environment: { key: p, name: B }`,
      'f:7: environment.name: another place says A',
    ],
  ])('%j are refused: %s', (text, ...faults) => {
    expect(faultsOf({ f: text })).toEqual(faults);
  });

  it('are refused with every fault of every file', () => {
    expect(faultsOf({ a: 'flags: []', b: 'segments: []' })).toHaveLength(2);
  });
});

describe('the steps of a path', () => {
  it.each([
    ['', []],
    ['key', ['key']],
    ['rules[0].variations', ['rules', 0, 'variations']],
    ['a[1][2].b', ['a', 1, 2, 'b']],
  ])('%j are %j', (path, steps) => {
    expect(stepsOf(path)).toEqual(steps);
  });
});
