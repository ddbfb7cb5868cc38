/** What one check has found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  /** One sentence, or a part of one. */
  readonly message: string;
  /** What to do. */
  readonly advice?: string;
}

export function ok(check: string, message: string): Finding {
  return { check, state: 'ok', message };
}

export function warn(check: string, message: string, advice: string): Finding {
  return { check, state: 'warn', message, advice };
}

export function fail(check: string, message: string, advice: string): Finding {
  return { check, state: 'fail', message, advice };
}

/** A check that cannot be carried out has found that. */
export async function contained(
  check: string,
  work: () => Finding | readonly Finding[] | Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await work()].flat();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [fail(check, message, 'put that right, then look again')];
  }
}

/** Lines for people: the worst is as easy to find as its number. */
export function findingLines(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, state, message, advice }) => {
    const text = `${state.padEnd(4)}  ${check.padEnd(width)}  ${message}`;
    return advice === undefined ? text : `${text}\n${' '.repeat(width + 8)}${advice}`;
  });
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length;
  return `${lines.join('\n')}\n${count('ok')} ok, ${count('warn')} warn, ${count('fail')} fail\n`;
}
