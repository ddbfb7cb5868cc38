import { describe, expect, it } from 'vitest';
import { trackedFaults } from '../tracked-faults.js';

/** Put together here, because this file is searched for them too. */
const path = (...parts: string[]): string => ['', ...parts].join('/');
const host = (...parts: string[]): string => parts.join('.');

describe('trackedFaults', () => {
  it.each([
    ['an absolute path', `open('${path('work', 'project', 'a.ts')}')`, 'a machine path'],
    ['a path of the superuser', `see ${path('root', 'notes')}`, 'a machine path'],
    ['a temporary path', `'${path('tmp', 'flags.json')}'`, 'a machine path'],
    ['a home folder', `cd ${path('home', 'ada', 'fb')}`, 'a machine path'],
    ['a home folder on macOS', `"${path('Users', 'ada', 'fb')}"`, 'a machine path'],
    ['a resolved lock entry', `  "${'resolved'}": "https://example.org/ws.tgz",`, 'a registry address'],
    ['a registry host', `registry=https://${host('registry', 'npmjs', 'org')}/`, 'a registry address'],
    ['a credential', '//host/:_authToken=abc', 'a registry credential'],
    ['an open note', `// ${'TO'}${'DO'}: later`, 'an unfinished note'],
  ])('finds %s', (_name, line, fault) => {
    expect(trackedFaults(`first\n${line}\nlast`)).toEqual([{ line: 2, fault, text: line.trim() }]);
  });

  it.each([
    ['a path inside a URL', `https://example.org${path('work', 'item')}`],
    ['a relative path', `import '.${path('tmp', 'a.js')}'; '..${path('work', 'b')}'`],
    ['a route', "'/api/public/insight/track'"],
    ['a linked workspace in the lock file', '"resolved": "packages/fbclient"'],
    ['a word that holds a marker', 'const mastodon = TODOS'],
  ])('lets %s pass', (_name, line) => {
    expect(trackedFaults(line)).toEqual([]);
  });
});
