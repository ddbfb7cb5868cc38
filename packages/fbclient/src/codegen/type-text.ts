// Values and names as TypeScript writes them. What goes in comes from a server: nothing of it may end a literal or a comment.

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
/** Control characters and the two line separators that JSON leaves as they are. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029]/g;

/** A text as a literal in single quotes. */
export function literalText(value: string): string {
  const inner = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
}

/** What {@link literalText} has written. @returns `undefined` for anything else. */
export function parseLiteralText(text: string): string | undefined {
  if (!/^'(?:[^'\\]|\\.)*'$/.test(text)) return undefined;
  const inner = text.slice(1, -1).replaceAll("\\'", "'");
  try {
    // Quotes that are not escaped have to be in JSON; those that are stay as they are.
    const value: unknown = JSON.parse(`"${inner.replace(/\\.|"/g, (part) => (part === '"' ? '\\"' : part))}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A property's name. */
export function propertyText(name: string): string {
  return IDENTIFIER.test(name) ? name : literalText(name);
}

/** Types as a union, each once. @param otherwise the type when there is none. */
export function unionText(types: Iterable<string>, otherwise: string): string {
  return [...new Set(types)].join(' | ') || otherwise;
}

/** The same order on every machine, whatever its language. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Lines as a doc comment, which they cannot end. @returns nothing when there are none. */
export function docComment(lines: readonly string[], indent: string): string {
  const clean = lines
    .flatMap((text) => text.split(/[\r\n\u2028\u2029]+/))
    .map(commentText)
    .filter((text) => text !== '');
  const [only = ''] = clean;
  if (clean.length === 0) return '';
  if (clean.length === 1) return `${indent}/** ${only} */\n`;
  return `${indent}/**\n${clean.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}

function commentText(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .replaceAll('*/', '*\\/');
}
