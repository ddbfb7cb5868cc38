import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FolderWatch } from '../../../src/storage/sqlite/folder-watch.js';
import { livingOwner, Ownership } from '../../../src/storage/sqlite/owner.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = temporaryFolder();
  for (const name of ['one.db', 'two.db']) writeFileSync(at(name), name);
});

describe('files that are watched', () => {
  const watching = () => new FolderWatch([at('one.db'), at('two.db')]);

  it('are fine while they are written to, and while others come and go beside them', () => {
    const watch = watching();
    appendFileSync(at('one.db'), 'more');
    writeFileSync(at('two.db'), '');
    writeFileSync(at('three.db'), 'other');
    rmSync(at('three.db'));
    expect(watch.problem()).toBeUndefined();
  });

  it.each(['one.db', 'two.db'])('are missed when %s is removed, and fine once the same file is back', (name) => {
    const watch = watching();
    renameSync(at(name), at('aside'));
    expect(watch.problem()).toBe(
      `${name} in the data folder was removed while the center runs: put it back where it was, or stop the center and restore a backup.`,
    );
    renameSync(at('aside'), at(name));
    expect(watch.problem()).toBeUndefined();
  });

  it('are noticed when another file is in the place of one, though it says the same', () => {
    const watch = watching();
    copyFileSync(at('one.db'), at('copy'));
    renameSync(at('copy'), at('one.db'));
    expect(watch.problem()).toBe(
      'one.db in the data folder was replaced while the center runs: stop the center and start it again.',
    );
  });

  it('are each named, the first first', () => {
    const watch = watching();
    rmSync(at('two.db'));
    expect(watch.problem()).toMatch(/^two\.db/);
    rmSync(at('one.db'));
    expect(watch.problem()).toMatch(/^one\.db/);
  });

  it('that were not there when the watch began are missed at once', () => {
    const watch = new FolderWatch([at('never.db')]);
    writeFileSync(at('never.db'), 'now');
    expect(watch.problem()).toMatch(/was replaced/);
  });
});

describe('the owner of a folder', () => {
  const [owner, lock] = ['owner', 'lock'];
  beforeEach(() => writeFileSync(at(lock), ''));
  const living = () => livingOwner(at(owner), at(lock));

  it('is the process that has said so, for as long as it does', () => {
    expect(living()).toBeUndefined();
    const ownership = new Ownership(at(owner), at(lock));
    expect(living()).toBe(process.pid);
    ownership.end();
    expect(living()).toBeUndefined();
  });

  it('is none in a copy of the folder: the lock is another file there', () => {
    new Ownership(at(owner), at(lock));
    copyFileSync(at(lock), at('copy'));
    renameSync(at('copy'), at(lock));
    expect(living()).toBeUndefined();
  });

  it('does not withdraw what another one has put in the place of its statement', () => {
    const first = new Ownership(at(owner), at(lock));
    const second = new Ownership(at(owner), at(lock));
    first.end();
    expect(living()).toBe(process.pid);
    second.end();
    expect(living()).toBeUndefined();
  });

  it.each(['', '{', 'null', '7', '{"pid":"1"}', '{"pid":1}', '{"pid":99999999,"lock":"1"}'])(
    'is nobody when the statement says %j',
    (text) => {
      writeFileSync(at(owner), text);
      expect(() => living()).not.toThrow();
      expect(living()).toBeUndefined();
    },
  );

  it('is nobody when the process has the number of an older one, or is over', () => {
    new Ownership(at(owner), at(lock));
    expect(living()).toBe(process.pid);
    const statement = JSON.parse(readFileSync(at(owner), 'utf8'));
    for (const change of [{ started: '1' }, { place: 'another boot' }, { pid: 99_999_999 }]) {
      writeFileSync(at(owner), JSON.stringify({ ...statement, ...change }));
      expect(living(), JSON.stringify(change)).toBeUndefined();
    }
  });
});
