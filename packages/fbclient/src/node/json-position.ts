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

/** A place in a text; lines and columns count from 1, columns in UTF-16 units. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Where a text stops being JSON. */
export interface JsonFault extends TextPlace {
  /** What should have been there. */
  readonly expected: string;
}

/**
 * Finds where a text stops being JSON. JavaScript's own parser gives the position of some faults only, in words that
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

/** A value around the place that is being read: the property or the index that is read of it. */
interface Container {
  readonly isArray: boolean;
  at: string | number;
}

/**
 * Finds a value in a text that is JSON.
 *
 * @param path property names and indexes from the outermost value to it. If something on the way is not there, the place of
 * the value around it is given.
 */
export function findJsonValue(text: string, path: readonly (string | number)[]): TextPlace {
  const around: Container[] = [];
  let found = { depth: 0, at: 0 };
  let isName = false;
  const tokens = /[{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+/g;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [token] = match;
    const container = around.at(-1);
    if (token === ':' || token === '}' || token === ']' || token === ',') {
      isName = token === ',' && container?.isArray === false;
      if (token === ',' && container?.isArray === true) container.at = Number(container.at) + 1;
      if (token === '}' || token === ']') around.pop();
    } else if (isName && container !== undefined) {
      container.at = JSON.parse(token);
      isName = false;
    } else {
      const isOnTheWay = around.length <= path.length && around.every(({ at }, depth) => at === path[depth]);
      if (isOnTheWay && around.length >= found.depth) found = { depth: around.length, at: match.index };
      if (token === '{' || token === '[') around.push({ isArray: token === '[', at: token === '[' ? 0 : '' });
      isName = token === '{';
    }
  }
  return lineAndColumn(text, found.at);
}

function lineAndColumn(text: string, at: number): TextPlace {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return { line, column: at - before.lastIndexOf('\n') };
}
