import { readFileSync } from 'node:fs';

/** What the build writes beside the files of the page, for the server: see web/build.ts. */
interface Manifest {
  readonly files: Readonly<Record<string, Omit<PageFile, 'read'>>>;
}

/** A file of the page as it is sent. */
export interface PageFile {
  readonly type: string;
  /** Changes with the content; quoted as in `ETag`. */
  readonly tag: string;
  /** The name changes with the content: browsers need not ask again. */
  readonly isImmutable: boolean;
  /** The forms in which it is there beside the plain one, the best first. */
  readonly encodings: readonly Encoding[];
  read(encoding?: Encoding): Buffer;
}

export type Encoding = 'br' | 'gzip';

const SUFFIXES: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' };

/** From the built package, and from its sources. */
const PLACES = ['../../web/', '../../dist/web/'].map((place) => new URL(place, import.meta.url));

/**
 * The built page, read from the package when it is first asked for; only what the build has listed can be read.
 *
 * @returns `undefined` for a name that is not in it, and for every name when the page is not built.
 */
export class BuiltPage {
  readonly #folders: readonly URL[];
  #files: ReadonlyMap<string, PageFile> | undefined;

  /** @param folders of which the first one that holds a built page is taken; each ends with a slash. */
  constructor(folders: readonly URL[] = PLACES) {
    this.#folders = folders;
  }

  file(name: string): PageFile | undefined {
    this.#files ??= open(this.#folders);
    return this.#files.get(name);
  }
}

function open(folders: readonly URL[]): ReadonlyMap<string, PageFile> {
  for (const folder of folders) {
    const manifest = readManifest(folder);
    if (manifest === undefined) continue;
    return new Map(
      Object.entries(manifest.files).map(([name, file]) => [name, { ...file, read: reader(folder, name) }]),
    );
  }
  return new Map();
}

function readManifest(folder: URL): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Keeps what it has read: the whole page is less than a megabyte. */
function reader(folder: URL, name: string): PageFile['read'] {
  const known = new Map<string, Buffer>();
  return (encoding) => {
    const path = encoding === undefined ? name : name + SUFFIXES[encoding];
    const content = known.get(path) ?? readFileSync(new URL(path, folder));
    known.set(path, content);
    return content;
  };
}
