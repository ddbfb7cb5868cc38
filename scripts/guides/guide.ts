/**
 * Guides for operators are followed by a script. What an author has to know:
 *
 * - A block that is fenced as `sh step` is run, one after the other, in one bash, in an empty folder; it ends at the first command that fails.
 *   A block that is fenced as `sh` is for people only.
 * - `fbcenter` is the packed package. What is started with `&` is ended with the guide.
 * - An HTML comment `<!-- check … -->` holds commands that must succeed there, and is not shown.
 * - `5100` and `5101` stand for free ports, `postgres://fbcenter:PASSWORD@db.example.org:5432/flags` for an empty database.
 */

/** One thing that is done. */
export interface Step {
  /** The line of its first command, from 1. */
  readonly line: number;
  readonly code: string;
  readonly isCheck: boolean;
}

const PARTS = /^```(?<info>[^\n]*)\n(?<code>[\s\S]*?)^```$|^<!-- check\n(?<check>[\s\S]*?)^-->$/gm;

/** What is done when a guide is followed. @throws when a block of shell is marked as nothing that is known. */
export function stepsOf(page: string, markdown: string): readonly Step[] {
  const steps: Step[] = [];
  for (const { index, groups = {} } of markdown.matchAll(PARTS)) {
    const line = markdown.slice(0, index).split('\n').length + 1;
    const { info, code = '', check } = groups;
    if (check !== undefined) steps.push({ line, code: check, isCheck: true });
    else if (info === 'sh step') steps.push({ line, code, isCheck: false });
    else if (/^(?:sh\b|bash|shell|console)/.test(info ?? '') && info !== 'sh') {
      throw new Error(`${page}:${line - 1}: fence it as sh step, to be run, or as sh; not as ${info}`);
    }
  }
  return steps;
}

/** What stands for something else where a guide is followed. */
export interface Places {
  readonly ports: readonly [number, number];
  readonly database: string;
}

const DATABASE = 'postgres://fbcenter:PASSWORD@db.example.org:5432/flags';

/** Whether a guide cannot be followed without a database. */
export function needsDatabase(steps: readonly Step[]): boolean {
  return steps.some(({ code }) => code.includes(DATABASE));
}

/** The bash program of a guide. It says on the third channel in which line it is. */
export function programOf(steps: readonly Step[], { ports: [first, second], database }: Places): string {
  const code = steps.map((step) => `echo ${step.line} >&3\n${step.code}`).join('\n');
  // In one go, and before the database: free ports have these digits in them, too.
  const ports = code.replaceAll(/\b510[01]\b/g, (port) => String(port === '5100' ? first : second));
  const placed = ports.replaceAll(DATABASE, database);
  const end = "trap 'jobs -p | xargs --no-run-if-empty kill 2>/dev/null; wait' EXIT";
  return `set -euo pipefail\n${end}\n${placed}\n`;
}

/** Every call of the command in the blocks that people see, as its arguments; with the line that it stands in. */
export function callsIn(
  steps: readonly Step[],
): readonly { readonly line: number; readonly args: readonly string[] }[] {
  return steps.flatMap(({ code, line, isCheck }) => {
    if (isCheck) return [];
    return code.split('\n').flatMap((text, index) =>
      [...text.matchAll(/(?:^|[$(|]\s*|env -u \w+ )fbcenter(?= |$)([^|&>)]*)/g)].map(([, rest = '']) => ({
        line: line + index,
        args: [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''),
      })),
    );
  });
}
