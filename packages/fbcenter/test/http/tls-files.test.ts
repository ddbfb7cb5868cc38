import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TlsFiles } from '../../src/http/tls-files.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const fixture = (name: string) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));

/** A folder with the certificate and the key of one of the fixtures. */
function aFolder() {
  const folder = temporaryFolder();
  const paths = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  const put = (cert: string, key = cert) => {
    copyFileSync(fixture(`${cert}.pem`), paths.cert);
    copyFileSync(fixture(`${key}.key.pem`), paths.key);
  };
  put('first');
  return { paths, put };
}

describe('the files of a certificate', () => {
  it('are read at the start, and anew when somebody asks', () => {
    const { paths, put } = aFolder();
    const log = memoryLogger();
    const files = new TlsFiles(paths, log);
    const before = files.current;
    expect(files.reload()).toBe(false);
    put('second');
    expect(files.reload()).toBe(true);
    expect(files.current.cert).not.toBe(before.cert);
    expect(files.current.key).not.toBe(before.key);
    expect(log.lines).toEqual(['info there is another certificate']);
  });

  it.each<[string, (paths: { cert: string; key: string }) => void, RegExp]>([
    ['a certificate that is not there', ({ cert }) => rmSync(cert), /ENOENT/],
    ['a key that is not there', ({ key }) => rmSync(key), /ENOENT/],
    ['a certificate that is none', ({ cert }) => writeFileSync(cert, 'x'), /tls\.crt is no PEM file/],
    ['a key that is none', ({ key }) => writeFileSync(key, 'x'), /tls\.key is no PEM file/],
    [
      'a certificate in the place of the key',
      ({ key }) => copyFileSync(fixture('first.pem'), key),
      /tls\.key is no PEM file/,
    ],
    ['the key of another certificate', ({ key }) => copyFileSync(fixture('second.key.pem'), key), /is not the key of/],
    ['nothing in them', ({ cert }) => writeFileSync(cert, ''), /tls\.crt is no PEM file/],
  ])('are refused at the start with %s, and with a word about which', (_, spoil, message) => {
    const { paths } = aFolder();
    spoil(paths);
    expect(() => new TlsFiles(paths, memoryLogger())).toThrow(message);
    expect(() => new TlsFiles(paths, memoryLogger())).toThrow(expect.objectContaining({ code: 'bad-certificate' }));
  });

  it('are kept as they were when they become such, and looked at again', () => {
    const { paths, put } = aFolder();
    const log = memoryLogger();
    const files = new TlsFiles(paths, log);
    const before = files.current;
    // The certificate is exchanged first, and its key a moment later.
    put('second', 'first');
    expect(files.reload()).toBe(false);
    expect(files.current).toBe(before);
    rmSync(paths.cert);
    expect(files.reload()).toBe(false);
    expect(files.current).toBe(before);
    expect(log.lines).toEqual(Array(2).fill('error the certificate cannot be used, the one before is kept'));
    put('second');
    expect(files.reload()).toBe(true);
  });

  it.each(['before', 'after'])(
    'are watched: whoever exchanges them need not say so, %s the watch begins',
    async (when) => {
      const { paths, put } = aFolder();
      const files = new TlsFiles(paths, memoryLogger());
      let changes = 0;
      if (when === 'before') put('second');
      const stop = files.watch(() => {
        changes += 1;
      }, 20);
      onTestFinished(stop);
      if (when === 'after') put('second');
      await expect.poll(() => changes, { timeout: 30_000 }).toBe(1);
    },
    60_000,
  );
});
