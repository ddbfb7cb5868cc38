import {
  type Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  visit,
} from 'yaml';
import { misreadNumber } from './model/exact-number.js';

/** What is wrong in a text, and where. */
export interface LineFault {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** A way into a document: names of members and positions in lists. */
export type YamlPath = readonly (string | number)[];

/** One document of a text. */
export interface YamlDocument {
  /** As JSON has it; `null` for an empty one. */
  readonly value: unknown;
  /** The line of what is at a path, or of what is nearest to it. */
  lineOf(path: YamlPath): number;
  /** How a plain value is written, before it is read as a number or anything else; `undefined` for lists and objects. */
  sourceAt(path: YamlPath): string | undefined;
}

/** How many places may stand for others: more is a text that is made to be large once it is read. */
const MAX_ALIASES = 100;

/**
 * Reads YAML 1.2, and so JSON: one document or several. A name that is there twice is a fault.
 *
 * @param numbers whether one that would become another number is a fault; where each counts as it is written, it is none.
 * @returns the documents, or every fault.
 */
export function readYaml(
  text: string,
  numbers: 'exact' | 'as-written' = 'exact',
): { readonly documents: readonly YamlDocument[] } | { readonly faults: readonly LineFault[] } {
  const counter = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
  const documents: readonly Document.Parsed[] = Array.isArray(parsed) ? parsed : [];
  const faults = documents.flatMap((document) => [
    ...faultsOf(document, counter),
    ...(numbers === 'exact' ? numberFaults(document, counter) : []),
  ]);
  if (faults.length > 0) return { faults };
  return { documents: documents.map((document) => documentOf(document, counter)) };
}

function faultsOf(document: Document.Parsed, counter: LineCounter): readonly LineFault[] {
  const faults = [...document.errors, ...document.warnings].map(({ pos: [start], message }) => ({
    line: counter.linePos(start).line,
    message: message.split('\n')[0] ?? '',
  }));
  if (faults.length > 0) return faults;
  try {
    document.toJS({ maxAliasCount: MAX_ALIASES });
    return [];
  } catch (error) {
    return [{ line: 1, message: error instanceof Error ? error.message : String(error) }];
  }
}

function numberFaults(document: Document.Parsed, counter: LineCounter): readonly LineFault[] {
  const faults: LineFault[] = [];
  visit(document, {
    Scalar: (_, node) => {
      const becomes = typeof node.value === 'number' && node.source ? misread(node) : undefined;
      if (becomes === undefined) return;
      const message = `the number ${node.source} would become ${becomes}: put it into quotes, or write one that JavaScript can keep`;
      faults.push({ line: lineAt(node, counter), message });
    },
  });
  return faults;
}

function misread({ source = '', value }: Scalar): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return /^[-+]?[\d.]+(?:[eE][-+]?\d+)?$/.test(source) ? misreadNumber(source) : undefined;
}

function documentOf(document: Document.Parsed, counter: LineCounter): YamlDocument {
  return {
    value: document.toJS({ maxAliasCount: MAX_ALIASES }),
    lineOf: (path) => {
      let node: unknown = document.contents;
      let line = lineAt(node, counter);
      for (const step of path) {
        const next = childOf(node, step);
        if (next === undefined) break;
        line = lineAt(next.name ?? next.node, counter);
        node = next.node;
      }
      return line;
    },
    sourceAt: (path) => {
      let node: unknown = document.contents;
      for (const step of path) node = childOf(node, step)?.node;
      if (!isScalar(node)) return undefined;
      return node.type === 'PLAIN' ? node.source : typeof node.value === 'string' ? node.value : node.source;
    },
  };
}

/** What a step leads to: its node, and the name that stands before it. */
function childOf(
  node: unknown,
  step: string | number,
): { readonly node: unknown; readonly name?: unknown } | undefined {
  if (isSeq(node)) {
    const item = typeof step === 'number' ? node.items[step] : undefined;
    return item === undefined ? undefined : { node: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return isPair(pair) ? { node: pair.value, name: pair.key } : undefined;
}

function lineAt(node: unknown, counter: LineCounter): number {
  const [start] = (node as Node | null)?.range ?? [0];
  return Math.max(1, counter.linePos(start).line);
}
