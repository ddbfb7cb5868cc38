/**
 * The TypeScript in our Markdown is checked: every block that is fenced as `ts` becomes a module that is type-checked, and
 * run against a flag center of its own (blocks.test.ts). What an author has to know:
 *
 * - A block that is fenced as `ts no-run` is type-checked only: it would listen on a fixed port, or needs what is not there.
 * - A block may use the names of {@link Given} without declaring them: `client` is ready, with the flags of
 *   examples/flags.json; `user` is Ada.
 * - The literals `'ws://127.0.0.1:5100'` and `'http://127.0.0.1:5100'`, `'the server secret of your environment'` and
 *   `'/var/lib/shop/…'` stand for the center's URL, its secret, and a folder that holds flags.json.
 * - `statement; // → value` says what comes out, and the run holds it to that: for an expression its value, for
 *   `const name = …` what is assigned. The statement and the comment are on one line.
 * - An HTML comment `<!-- ts … -->` before a block belongs to it and is not shown.
 */

/** One block of TypeScript in a page. */
export interface Block {
  /** The page, relative to the repository. */
  readonly page: string;
  /** The line of the opening fence, from 1. */
  readonly line: number;
  readonly runs: boolean;
  /** What stands in a hidden comment before it; in one line. */
  readonly hidden: string;
  readonly code: string;
}

const FENCE = /^```(.*)\n([\s\S]*?)^```$/gm;
const HIDDEN = /<!-- ts\n([\s\S]*?)-->\s*$/;
/** Other names of the language, which would slip through. */
const ALIASES = ['typescript', 'tsx', 'js', 'javascript', 'mts'];

/** The blocks of a page; an error for a fence that looks like TypeScript and is not marked as it should be. */
export function blocksOf(page: string, markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  for (const { 1: info = '', 2: code = '', index } of markdown.matchAll(FENCE)) {
    const line = markdown.slice(0, index).split('\n').length;
    const [language = '', ...rest] = info.trim().split(/\s+/);
    const mode = rest.join(' ');
    if (ALIASES.includes(language)) throw new Error(`${page}:${line}: fence it as ts, not as ${language}`);
    if (language !== 'ts') continue;
    if (mode !== '' && mode !== 'no-run') throw new Error(`${page}:${line}: after ts there can be no-run, not ${mode}`);
    const [, hidden = ''] = HIDDEN.exec(markdown.slice(0, index)) ?? [];
    blocks.push({ page, line, runs: mode === '', hidden: hidden.trim().replaceAll('\n', ' '), code });
  }
  return blocks;
}

/** Names that a block may use without declaring them. */
const GIVEN = ['client', 'user'];

/** What stands for something that a test has elsewhere. */
const PLACES: readonly (readonly [literal: RegExp, name: string, code: string])[] = [
  [/'(?:ws|http):\/\/127\.0\.0\.1:5100'/g, '$url', '$url'],
  [/'the server secret of your environment'/g, '$secret', '$secret'],
  [/'\/var\/lib\/shop([^'\n]*)'/g, '$folder', '`$${$folder}$1`'],
];

/** The module of a block: its lines have the numbers that they have in the page. */
export function moduleOf(block: Block): string {
  const { line, hidden } = block;
  const needed = GIVEN.filter((name) => uses(block.code, name) && !declares(hidden + block.code, name));
  let code = block.code;
  for (const [literal, name, replacement] of PLACES) {
    if (literal.test(code)) needed.push(name);
    code = code.replaceAll(literal, replacement);
  }
  const prefix = [
    "import { check as $check, given as $given } from '../world.js';",
    needed.length === 0 ? '' : `const { ${needed.join(', ')} } = await $given();`,
    hidden,
  ];
  return `${'\n'.repeat(line - 1)}${prefix.join(' ')}\n${withChecks(block, code)}export {};\n`;
}

function uses(code: string, name: string): boolean {
  return new RegExp(`(?<![.'\\w-])${name}\\b(?!['-]|\\??:)`).test(code);
}

function declares(code: string, name: string): boolean {
  return new RegExp(`(?:const|let|using|function)\\s+(?:\\{[^}]*\\b)?${name}\\b`).test(code);
}

function withChecks({ page, line }: Block, code: string): string {
  const lines = code.split('\n').map((text, index) => {
    const [, statement, expected] = /^(.*\S)\s*\/\/ → (.+)$/.exec(text) ?? [];
    if (statement === undefined || expected === undefined) return text;
    const [, name] = /^\s*const (\w+)(?:: [^=]+)? = .+;$/.exec(statement) ?? [];
    if (name !== undefined) return `${statement} $check(${name}, ${expected});`;
    const [, expression] = /^(?!\s*(?:const|let|return|if|for)\b)(.+);$/.exec(statement) ?? [];
    if (expression !== undefined) return `$check(${expression}, ${expected});`;
    throw new Error(`${page}:${line + index + 1}: "// →" goes behind "expression;" or "const name = expression;"`);
  });
  return lines.join('\n');
}
