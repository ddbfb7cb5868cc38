import type { DescribedFlag } from './described-flag.js';
import { docComment, literalText, parseLiteralText } from './type-text.js';

const HEADING = `// Made by \`npx fbclient types\` from the flags of an environment. Do not edit it, run it again; keep formatters away from it.

/** The flags of the environment, for \`new FBClient<Flags>(options)\`. */
export interface Flags {
`;

/**
 * The declaration file. It depends on the flags only, and there is one line for each type: {@link declaredTypes} reads them.
 *
 * @param flags sorted.
 */
export function declarationsOf(flags: readonly DescribedFlag[]): string {
  const members = flags.map(({ key, name, description, isArchived, type }) => {
    const notes = [name, description, isArchived ? '@deprecated Archived: evaluations return the default.' : ''];
    return `${docComment(notes, '  ')}  ${literalText(key)}: ${type};\n`;
  });
  return `${HEADING}${members.join('')}}\n`;
}

/** The types by key that a declaration file of ours has. */
function declaredTypes(text: string): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const [, name = '', type = ''] of text.matchAll(/^ {2}('(?:[^'\\]|\\.)*'): (.*);$/gm)) {
    const key = parseLiteralText(name);
    if (key !== undefined) types.set(key, type);
  }
  return types;
}

/**
 * What a declaration file says otherwise than the flags do, in words.
 *
 * @returns one sentence for each flag; nothing when the file is current. Line endings make no difference: git may change them.
 */
export function differences(file: string, flags: readonly DescribedFlag[]): readonly string[] {
  const text = file.replaceAll('\r\n', '\n');
  if (text === declarationsOf(flags)) return [];
  const declared = declaredTypes(text);
  const found: string[] = [];
  for (const { key, type } of flags) {
    const before = declared.get(key);
    if (before === undefined) found.push(`${literalText(key)} is new: ${type}`);
    else if (before !== type) found.push(`${literalText(key)} was ${before} and is ${type}`);
  }
  const known = new Set(flags.map(({ key }) => key));
  for (const key of declared.keys()) if (!known.has(key)) found.push(`${literalText(key)} is gone`);
  return found.length > 0 ? found : ['the types are the same; names, descriptions or the layout of the file are not'];
}
