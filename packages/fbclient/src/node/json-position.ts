const SPACE = /[ \t\r\n]*/y;
const PUNCTUATION = /[{}[\],:]/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings are defined by the control characters they must not hold
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const OTHER_VALUE = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** What may come next. */
type Expectation =
  | 'a value'
  | 'a value or ]'
  | 'a property name or }'
  | 'a property name'
  | ':'
  | ', or }'
  | ', or ]'
  | 'the end';

/** Where a text stops being JSON; lines and columns count from 1, columns in UTF-16 units. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  /** What should have been there. */
  readonly expected: string;
}

/**
 * Finds where a text stops being JSON. JavaScript's own parser tells the position of some faults only, in words that
 * differ by version and that quote the text.
 *
 * @returns `undefined` when the text is JSON.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expectation = 'a value';
  let at = 0;
  const skip = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  for (;;) {
    skip(SPACE);
    const start = at;
    if (at === text.length && expected === 'the end') return undefined;
    const token = skip(PUNCTUATION) ?? (skip(STRING) === undefined ? skip(OTHER_VALUE) && 'value' : 'string');
    const next = follow(expected, token, open);
    if (next === undefined) return { ...lineAndColumn(text, start), expected };
    expected = next;
  }
}

function follow(expected: Expectation, token: string | undefined, open: ('{' | '[')[]): Expectation | undefined {
  const closes = (bracket: '}' | ']'): boolean => token === bracket && expected.endsWith(bracket);
  if (closes('}') || closes(']')) {
    open.pop();
    return afterValue(open);
  }
  switch (expected) {
    case 'a value':
    case 'a value or ]':
      if (token === '{' || token === '[') {
        open.push(token);
        return token === '{' ? 'a property name or }' : 'a value or ]';
      }
      return token === 'string' || token === 'value' ? afterValue(open) : undefined;
    case 'a property name':
    case 'a property name or }':
      return token === 'string' ? ':' : undefined;
    case ':':
      return token === ':' ? 'a value' : undefined;
    case ', or }':
      return token === ',' ? 'a property name' : undefined;
    case ', or ]':
      return token === ',' ? 'a value' : undefined;
    case 'the end':
      return undefined;
  }
}

function afterValue(open: readonly ('{' | '[')[]): Expectation {
  const innermost = open.at(-1);
  if (innermost === undefined) return 'the end';
  return innermost === '{' ? ', or }' : ', or ]';
}

function lineAndColumn(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return { line, column: at - before.lastIndexOf('\n') };
}
