import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lastOf, membersOf, stagesOf, wordsOf } from '../../../../scripts/guides/containerfile.js';

const file = (name: string) => readFileSync(new URL(`../../../../deploy/${name}`, import.meta.url), 'utf8');
const manifest = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../${name}/package.json`, import.meta.url), 'utf8'));

describe('deploy/Containerfile', () => {
  const stages = stagesOf(file('Containerfile'));
  const last = stages.at(-1);
  if (last === undefined) throw new Error('no stage');

  it('names each base with its whole version', () => {
    for (const { from } of stages)
      expect(from).toMatch(/^[\w./-]+:\d+\.\d+\.\d+(?:-[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/);
  });

  it('installs this version, and the optional packages that it was tested with', () => {
    const values = Object.assign(
      {},
      ...(stages[0]?.instructions ?? []).filter(({ keyword }) => keyword === 'ARG').map(({ rest }) => membersOf(rest)),
    );
    const { version, devDependencies } = manifest('fbcenter');
    expect(values).toEqual({
      FBCENTER: `fbcenter@${version}`,
      OPTIONAL: ['postgres', 'openid-client'].map((name) => `${name}@${devDependencies[name]}`).join(' '),
    });
  });

  it('runs as a user by number that is not root, with its data in a volume that is its own', () => {
    const user = lastOf(last, 'USER') ?? '';
    expect(user).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
    const [uid, gid] = user.split(':');
    const volume = lastOf(last, 'VOLUME');
    expect(lastOf(last, 'WORKDIR')).toBe(volume);
    expect(lastOf(last, 'RUN')).toBe(`install -d -o ${uid} -g ${gid} -m 0700 ${volume}`);
    const keywords = last.instructions.map(({ keyword }) => keyword);
    // What is done after USER is done as that user, and what is changed in a volume afterwards is lost.
    expect(keywords.lastIndexOf('RUN')).toBeLessThan(keywords.indexOf('VOLUME'));
    expect(keywords.indexOf('VOLUME')).toBeLessThan(keywords.indexOf('USER'));
  });

  it('gets signals, says how it does, and starts without a shell', () => {
    const health = lastOf(last, 'HEALTHCHECK') ?? '';
    expect(wordsOf(health)?.[0]).toBe('node');
    expect(health).toContain('/health/liveness');
    expect(wordsOf(lastOf(last, 'ENTRYPOINT') ?? '')).toEqual([
      'node',
      '/opt/fbcenter/node_modules/fbcenter/bin/fbcenter.js',
    ]);
    expect(lastOf(last, 'STOPSIGNAL')).toBe('SIGTERM');
    expect(lastOf(last, 'EXPOSE')).toBe('5100');
  });

  it('copies nothing but what is named, has no secret in it, and adds nothing from the network but packages', () => {
    const all = stages.flatMap(({ instructions }) => instructions);
    expect(all.map(({ keyword }) => keyword)).not.toContain('ADD');
    for (const { rest } of all.filter(({ keyword }) => keyword === 'COPY')) {
      expect(rest).not.toMatch(/^\.\s/);
      const [source = ''] = rest.split(/\s+/);
      if (!source.startsWith('--from'))
        expect(existsSync(new URL(`../../../../deploy/${source}`, import.meta.url))).toBe(true);
    }
    const named = all
      .filter(({ keyword }) => ['ENV', 'ARG'].includes(keyword))
      .flatMap(({ rest }) => Object.keys(membersOf(rest)));
    expect(named.filter((name) => /TOKEN|SECRET|PASSWORD|DATABASE/.test(name))).toEqual([]);
    const runs = all.filter(({ keyword }) => keyword === 'RUN').map(({ rest }) => rest);
    for (const run of runs) expect(run).not.toMatch(/\bcurl\b|\bwget\b|\bsudo\b|apt-get|latest/);
  });

  it('has only tarballs in its context', () => {
    const lines = file('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines).toEqual(['*', '!packages', 'packages/*', '!packages/*.tgz', '!packages/README.md']);
  });
});

describe('a Containerfile', () => {
  it('is read by stages, with lines that go on', () => {
    const text =
      '# c\nARG_IS=no\n'.slice(4, 4) +
      'FROM a:1 AS build\nRUN x \\\n  && y\n\n# comment\nFROM b:2\nCMD ["p", "q r"]\nCMD ["z"]\n';
    const [first, second] = stagesOf(text);
    expect(first).toMatchObject({
      from: 'a:1',
      name: 'build',
      instructions: [{ line: 2, keyword: 'RUN', rest: 'x && y' }],
    });
    expect(second).toMatchObject({ from: 'b:2', name: undefined });
    expect(second && wordsOf(lastOf(second, 'CMD') ?? '')).toEqual(['z']);
    expect(second && lastOf(second, 'USER')).toBeUndefined();
    expect(() => stagesOf('RUN x\n')).toThrow('line 1: RUN stands before the first FROM');
  });

  it.each([
    ['A=1', { A: '1' }],
    ['A="b c" D=e', { A: 'b c', D: 'e' }],
    ['A', {}],
  ])('has the members %s', (text, members) => {
    expect(membersOf(text)).toEqual(members);
  });

  it.each([
    ['["a", "b"]', ['a', 'b']],
    ['--interval=1s CMD ["a"]', ['a']],
    ['a b', undefined],
  ])('has the words %s', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });
});
