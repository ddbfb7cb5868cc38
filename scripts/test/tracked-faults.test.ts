import { describe, expect, it } from 'vitest';
import { trackedFaults } from '../tracked-faults.js';

describe('trackedFaults', () => {
  it.each([
    ['an absolute path', "open('/work/project/a.ts')", 'a machine path'],
    ['a path of the superuser', 'see /root/notes', 'a machine path'],
    ['a temporary path', '`/tmp/flags.json`', 'a machine path'],
    ['a home folder', 'cd /home/ada/fb', 'a machine path'],
    ['a home folder on macOS', '"/Users/ada/fb"', 'a machine path'],
    ['a resolved lock entry', '  "resolved": "https://example.org/ws.tgz",', 'a registry address'],
    ['a registry host', 'registry=https://registry.npmjs.org/', 'a registry address'],
    ['a credential', '//host/:_authToken=abc', 'a registry credential'],
    ['an open note', '// TODO: later', 'an unfinished note'],
  ])('finds %s', (_name, line, fault) => {
    expect(trackedFaults(`first\n${line}\nlast`)).toEqual([{ line: 2, fault, text: line.trim() }]);
  });

  it.each([
    ['a path inside a URL', 'https://example.org/work/item'],
    ['a relative path', "import './tmp/a.js'; '../work/b'"],
    ['a route', "'/api/public/insight/track'"],
    ['a linked workspace in the lock file', '"resolved": "packages/fbclient"'],
    ['a word that holds a marker', 'const mastodon = TODOS'],
  ])('lets %s pass', (_name, line) => {
    expect(trackedFaults(line)).toEqual([]);
  });
});
