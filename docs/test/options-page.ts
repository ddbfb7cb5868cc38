import ts from 'typescript6';

/** One option, as options.ts declares and documents it. */
export interface OptionEntry {
  readonly name: string;
  /** Its type, or the unit and range of a number. */
  readonly allowed: string;
  /** As the tag `@default` says; `undefined` without one. */
  readonly standard: string | undefined;
  /** The default in the table that the code takes it from; `undefined` for options that are in none. */
  readonly coded: string | undefined;
  readonly text: string;
  /** Whether it begins a group: there is an empty line before it. */
  readonly first: boolean;
}

/** Reads the interface `Options` and the tables of defaults beside it. */
export function readOptions(source: string): readonly OptionEntry[] {
  const file = ts.createSourceFile('options.ts', source, ts.ScriptTarget.Latest, true);
  const numbers = { ...tableOf(file, 'durations'), ...tableOf(file, 'switches') };
  const counts = tableOf(file, 'counts');
  const switchable = tableOf(file, 'switchable');
  const durations = tableOf(file, 'durations');
  const entries: OptionEntry[] = [];
  for (const member of interfaceOf(file).members) {
    if (!ts.isPropertySignature(member) || member.type === undefined) throw new Error('Options holds properties only');
    const name = member.name.getText();
    const count = /standard: ([\d_]+), least: (\d+)/.exec(counts[name] ?? '');
    const off = /standard: ([\d_]+), kind: '(\w+)'/.exec(switchable[name] ?? '');
    const type = member.type.getText().replace(/ \| undefined$/, '');
    entries.push({
      name,
      allowed:
        rangeOf(name in durations || off?.[2] === 'duration', count?.[2] ?? off?.[2], off !== null) ?? `\`${type}\``,
      standard: ts
        .getJSDocTags(member)
        .find(({ tagName }) => tagName.text === 'default')
        ?.comment?.toString(),
      coded: count?.[1] ?? off?.[1] ?? numbers[name],
      text: ts.getJSDocCommentsAndTags(member).flatMap((doc) => (ts.isJSDoc(doc) ? [proseOf(doc)] : []))[0] ?? '',
      first: /^\n\s*\n/.test(member.getFullText()),
    });
  }
  return entries;
}

/** @param count the least count, or `count` for one that begins with 1. */
function rangeOf(isDuration: boolean, count: string | undefined, isSwitchable: boolean): string | undefined {
  const range = isDuration ? 'ms, > 0' : count === undefined ? undefined : `whole, ≥ ${count === 'count' ? 1 : count}`;
  return range === undefined || !isSwitchable ? range : `${range}, or \`false\``;
}

/** The page of all options; `titles` names each group by its first option. */
export function optionsPage(options: readonly OptionEntry[], titles: Readonly<Record<string, string>>): string {
  const sections = options.map(({ name, allowed, standard, text, first }, index) => {
    const row = `| \`${name}\` | ${cell(allowed)} | ${standard === undefined ? '' : cell(shown(standard))} | ${cell(text)} |\n`;
    if (!first && index > 0) return row;
    const title = titles[name];
    if (title === undefined) throw new Error(`the group of options that begins with ${name} has no title`);
    return `\n## ${title}\n\n| option | type, or unit and range | default | |\n| --- | --- | --- | --- |\n${row}`;
  });
  return `${INTRODUCTION}${sections.join('')}`;
}

const INTRODUCTION = `# Options

What \`new FBClient(options)\`, \`FBClient.create(options)\` and \`setConfig(options)\` take. Made from the doc comments in
packages/fbclient/src/options.ts by a test; \`npx vitest run docs/test -u\` writes it anew.

- Durations are in milliseconds: more than 0, at most 2,147,483,647 (24.8 days). Counts are whole numbers.
- Options are checked together: one \`InvalidConfigError\` names every one that cannot be used, what it was and what is allowed. The secret is
  never shown.
- They are copied. The object is neither kept nor changed, and later changes to it have no effect.
- An option that does not exist has no effect and is logged (\`unknown-option\`).
`;

function interfaceOf(file: ts.SourceFile): ts.InterfaceDeclaration {
  const found = file.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === 'Options');
  if (found === undefined || !ts.isInterfaceDeclaration(found)) throw new Error('there is no interface Options');
  return found;
}

/** The properties of a constant object, as text. */
function tableOf(file: ts.SourceFile, name: string): Readonly<Record<string, string>> {
  const table: Record<string, string> = {};
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isObjectLiteralExpression(node.parent)) {
      table[node.name.getText()] = node.initializer.getText();
    } else {
      ts.forEachChild(node, visit);
    }
  };
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const declaration of statement.declarationList.declarations) {
      if (declaration.name.getText() === name && declaration.initializer !== undefined) visit(declaration.initializer);
    }
  }
  if (Object.keys(table).length === 0) throw new Error(`there is no table ${name}`);
  return table;
}

function proseOf(doc: ts.JSDoc): string {
  return (ts.getTextOfJSDocComment(doc.comment) ?? '').replaceAll(/\s+/g, ' ').trim();
}

/** Numbers as the code spells them; strings in quotes; words as they are. */
function shown(standard: string): string {
  return /^[\d_]+$|^(?:true|false)$|^'/.test(standard) ? `\`${standard}\`` : standard;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
