/**
 * Finds where a test in a browser looks at the page only once. Whatever it looks at comes in its own time, so that such a test
 * holds on a quick machine and fails on a slow one. `packages/fbcenter/web/test/support/look.ts` has what waits.
 */
import ts from 'typescript6';

/** What waits by itself before it looks. */
const WAITING = new Set(['whenShown', 'countWhen', 'textWhen']);

/** What gives an answer that is complete: of a request that the test has made, of a file, of an event. */
const COMPLETE = new Set(['fetch', 'json', 'path', 'wireBytes', 'waitForEvent', 'waitForResponse']);

/** Reads the state of a page, which may be another one a moment later. */
const READING = new Set([
  'all',
  'allInnerTexts',
  'allTextContents',
  'content',
  'cookies',
  'count',
  'evaluate',
  'evaluateAll',
  'getAttribute',
  'innerText',
  'inputValue',
  'isChecked',
  'isDisabled',
  'isEnabled',
  'isHidden',
  'isVisible',
  'textContent',
  'title',
  'url',
]);

/** @returns a sentence for each place, with its line. */
export function singleLooks(path: string, text: string): readonly string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const complain = (node: ts.Node, what: string) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${path}:${line + 1}: ${what}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const name = nameOf(node);
      const [subject] = node.arguments;
      if (name === 'expect' && subject !== undefined && looksOnce(subject))
        complain(node, 'expects of a single look: use eventually(), or whenShown() for what must not be there');
      if (name === 'poll') complain(node, 'polls by itself: use eventually()');
      if (name === 'waitForTimeout') complain(node, 'waits for a time: wait for what is to come');
    }
    const condition = conditionOf(node);
    if (condition !== undefined && someInside(condition, (inner) => isCallOf(inner, READING)))
      complain(node, 'does what a single look decides: make both cases tests of their own');
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether a value comes from a look that nothing waited for. */
function looksOnce(value: ts.Expression): boolean {
  return someInside(value, (node) => {
    if (ts.isAwaitExpression(node)) return true;
    if (isCallOf(node, READING)) return !ts.isAwaitExpression(node.parent);
    return ts.isIdentifier(node) && isReference(node) && isFromLook(node);
  });
}

function isComplete(awaited: ts.Expression): boolean {
  if (!ts.isCallExpression(awaited)) return false;
  // Promise.all([ ... ]): what is waited for is among them.
  const [list] = awaited.arguments;
  if (nameOf(awaited) === 'all' && list !== undefined && ts.isArrayLiteralExpression(list))
    return list.elements.some((element) => ts.isExpression(element) && isComplete(element));
  return WAITING.has(nameOf(awaited)) || COMPLETE.has(nameOf(awaited));
}

/** Whether a constant of the same function was made of a single look. */
function isFromLook(use: ts.Identifier): boolean {
  for (let scope: ts.Node = use; scope !== undefined; scope = scope.parent) {
    if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) continue;
    for (const statement of scope.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      for (const { name, initializer } of statement.declarationList.declarations)
        if (namesIn(name).includes(use.text)) return initializer !== undefined && looksOnce(initializer);
    }
  }
  return false;
}

function namesIn(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
}

/** A name that stands for a value, not for a property. */
function isReference({ parent }: ts.Identifier): boolean {
  return !ts.isPropertyAssignment(parent) && !ts.isPropertyAccessExpression(parent)
    ? true
    : ts.isPropertyAccessExpression(parent) && parent.expression.kind === ts.SyntaxKind.Identifier;
}

function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) return node.expression;
  return ts.isConditionalExpression(node) ? node.condition : undefined;
}

function isCallOf(node: ts.Node, names: ReadonlySet<string>): boolean {
  return ts.isCallExpression(node) && names.has(nameOf(node));
}

function nameOf({ expression }: ts.CallExpression): string {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return ts.isIdentifier(expression) ? expression.text : '';
}

/** In a node, but for what has been waited for and for functions: these look when they are called. */
function someInside(node: ts.Node, holds: (node: ts.Node) => boolean): boolean {
  if (ts.isFunctionLike(node) || (ts.isAwaitExpression(node) && isComplete(node.expression))) return false;
  return holds(node) || (ts.forEachChild(node, (child) => someInside(child, holds) || undefined) ?? false);
}
