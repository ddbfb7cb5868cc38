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

/** The page with another text between the two marks of a command. */
export function replaceBlock(page: string, block: string, command = 'experiments:simulate'): string {
  const [opening, closing] = [`<!-- ${command} -->`, `<!-- /${command} -->`];
  const [begin, end] = [page.indexOf(opening), page.indexOf(closing)];
  if (begin < 0 || end < begin) throw new Error(`the page has no ${opening} with ${closing} behind it`);
  return `${page.slice(0, begin + opening.length)}\n${block}\n${page.slice(end)}`;
}
