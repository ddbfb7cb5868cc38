/** One instruction of a Containerfile. */
interface Instruction {
  readonly line: number;
  /** In upper case. */
  readonly keyword: string;
  /** What follows, with continued lines as one. */
  readonly rest: string;
}

/** A stage: from one FROM to the next. */
export interface ContainerStage {
  readonly from: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** Reads a Containerfile; of its syntax what ours uses. */
export function stagesOf(text: string): readonly ContainerStage[] {
  const stages: { from: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const instruction of instructionsOf(text)) {
    if (instruction.keyword === 'FROM') {
      const [, from = '', name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(instruction.rest) ?? [];
      stages.push({ from, name, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined)
        throw new Error(`line ${instruction.line}: ${instruction.keyword} stands before the first FROM`);
      stage.instructions.push(instruction);
    }
  }
  return stages;
}

function instructionsOf(text: string): readonly Instruction[] {
  const instructions: Instruction[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = index + 1;
    let whole = (lines[index] ?? '').trim();
    if (whole === '' || whole.startsWith('#')) continue;
    while (whole.endsWith('\\')) {
      index += 1;
      whole = `${whole.slice(0, -1).trim()} ${(lines[index] ?? '').trim()}`;
    }
    const [, keyword = '', rest = ''] = /^(\w+)\s*(.*)$/.exec(whole) ?? [];
    instructions.push({ line, keyword: keyword.toUpperCase(), rest });
  }
  return instructions;
}

/** The members of `KEY=VALUE KEY="VALUE"`. */
export function membersOf(rest: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...rest.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(([, name = '', quoted, plain]) => [
      name,
      quoted ?? plain ?? '',
    ]),
  );
}

/** The words of `["a", "b"]`; `undefined` when it is a text for a shell. */
export function wordsOf(rest: string): readonly string[] | undefined {
  const list = /\[.*\]$/.exec(rest)?.[0];
  return list === undefined ? undefined : JSON.parse(list);
}

/** What follows a keyword that stands once in a stage; the last one counts. */
export function lastOf({ instructions }: ContainerStage, keyword: string): string | undefined {
  return instructions.findLast((instruction) => instruction.keyword === keyword)?.rest;
}
