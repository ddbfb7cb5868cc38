import type { DescribedFlag } from './described-flag.js';
import { docComment, literalText, parseLiteralText } from './type-text.js';

/**
 * A declaration file. Its text depends on the flags only, and has a line for each of them that can be read again, so that what has
 * changed can be said in words.
 */
export interface Declarations {
  /** @param flags sorted. */
  text(flags: readonly DescribedFlag[]): string;
  /** What the text says of a flag. */
  typeOf(flag: DescribedFlag): string;
  /** What a text says of flags, by key. */
  declared(text: string): ReadonlyMap<string, string>;
}

const notesOf = ({ name, description, isArchived }: DescribedFlag): readonly string[] => [
  name,
  description,
  isArchived ? '@deprecated Archived: evaluations return the default.' : '',
];

/** For `FBClient<Flags>`. */
export const FLAGS_INTERFACE: Declarations = {
  text: (flags) => {
    const members = flags.map(
      (flag) => `${docComment(notesOf(flag), '  ')}  ${literalText(flag.key)}: ${flag.type};\n`,
    );
    return `// Made by \`npx fbclient types\` from the flags of an environment. Do not edit it, run it again; keep formatters away from it.

/** The flags of the environment, for \`new FBClient<Flags>(options)\`. */
export interface Flags {
${members.join('')}}
`;
  },
  typeOf: ({ type }) => type,
  declared: (text) => {
    const types = new Map<string, string>();
    for (const [, name = '', type = ''] of text.matchAll(/^ {2}('(?:[^'\\]|\\.)*'): (.*);$/gm)) {
      const key = parseLiteralText(name);
      if (key !== undefined) types.set(key, type);
    }
    return types;
  },
};

/** OpenFeature's names of the types, in the order of the file. */
const KEY_TYPES = {
  boolean: 'BooleanFlagKey',
  string: 'StringFlagKey',
  number: 'NumberFlagKey',
  object: 'ObjectFlagKey',
};

/** For OpenFeature's clients, whose types of keys an application can say. */
export const OPENFEATURE_KEYS: Declarations = {
  text: (flags) => {
    const types = Object.entries(KEY_TYPES).map(([kind, name]) => {
      const keys = flags.filter((flag) => flag.kind === kind);
      const members = keys.map((flag) => `\n${docComment(notesOf(flag), '    ')}    | ${literalText(flag.key)}`);
      return `  export type ${name} =${members.join('') || ' never'};\n`;
    });
    return `// Made by \`npx fbclient types --openfeature\` from the flags of an environment. Do not edit it, run it again; keep formatters
// away from it. It needs "skipLibCheck": true in tsconfig.json: without it the compiler refuses that a type is declared anew.
import '@openfeature/core';

declare module '@openfeature/core' {
${types.join('')}}
`;
  },
  typeOf: ({ kind }) => kind,
  declared: (text) => {
    const kinds = new Map(Object.entries(KEY_TYPES).map(([kind, name]) => [name, kind]));
    const declared = new Map<string, string>();
    let kind = '';
    for (const [, type, name = ''] of text.matchAll(/^(?: {2}export type (\w+) =| {4}\| ('(?:[^'\\]|\\.)*'))/gm)) {
      if (type !== undefined) kind = kinds.get(type) ?? '';
      const key = parseLiteralText(name);
      if (key !== undefined) declared.set(key, kind);
    }
    return declared;
  },
};

/**
 * What a declaration file says otherwise than the flags do, in words.
 *
 * @returns one sentence for each flag; nothing when the file is current. Line endings make no difference: git may change them.
 */
export function differences(
  file: string,
  { text, typeOf, declared }: Declarations,
  flags: readonly DescribedFlag[],
): readonly string[] {
  const content = file.replaceAll('\r\n', '\n');
  if (content === text(flags)) return [];
  const before = declared(content);
  const found: string[] = [];
  for (const flag of flags) {
    const [was, is] = [before.get(flag.key), typeOf(flag)];
    if (was === undefined) found.push(`${literalText(flag.key)} is new: ${is}`);
    else if (was !== is) found.push(`${literalText(flag.key)} was ${was} and is ${is}`);
  }
  const known = new Set(flags.map(({ key }) => key));
  for (const key of before.keys()) if (!known.has(key)) found.push(`${literalText(key)} is gone`);
  return found.length > 0 ? found : ['the types are the same; names, descriptions or the layout of the file are not'];
}
