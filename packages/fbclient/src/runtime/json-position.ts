/** Everything that is a value without being a string or a bracket. */
const OTHER_VALUE = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

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
  for (;;) {
    at = afterSpace(text, at);
    if (at === text.length && expected === 'the end') return undefined;
    const token = readToken(text, at);
    const next = follow(expected, token?.kind, open);
    if (next === undefined || token === undefined) return { ...lineAndColumn(text, at), expected };
    expected = next;
    at = token.end;
  }
}

/** What a text has at a place, and where that ends; `undefined` when it is no part of JSON. */
function readToken(text: string, at: number): { readonly kind: string; readonly end: number } | undefined {
  const first = text.charAt(at);
  if (first !== '' && '{}[],:'.includes(first)) return { kind: first, end: at + 1 };
  const end = first === '"' ? endOfString(text, at + 1) : endOfMatch(OTHER_VALUE, text, at);
  return end === undefined ? undefined : { kind: first === '"' ? 'string' : 'value', end };
}

// Character by character: a pattern would keep a way back for each of them, which takes minutes for megabytes.
function afterSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
  return at;
}

function endOfString(text: string, start: number): number | undefined {
  let at: number | undefined = start;
  while (at !== undefined && at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) return at + 1;
    if (unit < 0x20) return undefined;
    at = unit === 0x5c ? endOfMatch(ESCAPE, text, at) : at + 1;
  }
  return undefined;
}

function endOfMatch(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function follow(expected: Expectation, token: string | undefined, open: ('{' | '[')[]): Expectation | undefined {
  if ((token === '}' || token === ']') && expected.endsWith(token)) {
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
