import type { Table } from './table.js';

/** The tables as Markdown. */
export function markdownOf(tables: readonly Table[]): string {
  return tables
    .map(({ title, head, rows }) => {
      const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
      return [`**${title}**`, '', ...lines].join('\n');
    })
    .join('\n\n');
}

const [BEGIN, END] = ['<!-- experiments:simulate -->', '<!-- /experiments:simulate -->'];

/** The page with another text between its two marks. */
export function replaceBlock(page: string, block: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the page has no ${BEGIN} with ${END} behind it`);
  return `${page.slice(0, begin + BEGIN.length)}\n${block}\n${page.slice(end)}`;
}
