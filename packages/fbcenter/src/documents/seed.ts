import { CENTER } from '../model/actor.js';
import type { DocumentDraft } from '../model/document.js';
import type { Environment } from '../model/environment.js';
import type { Fault } from '../model/fault.js';
import { draftOf } from './draft.js';
import { judge } from './judge.js';
import { segmentFaults } from './references.js';

/**
 * Reads the documents that a new environment begins with.
 *
 * @returns the drafts, segments first, or the faults of all of them with paths such as `flags[2].variations`.
 */
export async function readSeed(
  environment: Pick<Environment, 'id'>,
  flags: readonly unknown[],
  segments: readonly unknown[],
): Promise<
  | { readonly ok: true; readonly drafts: readonly DocumentDraft[] }
  | { readonly ok: false; readonly faults: readonly Fault[] }
> {
  const faults: Fault[] = [];
  const drafts: DocumentDraft[] = [];
  const states = new Map<string, 'active' | 'archived'>();
  const inputs = [
    ...segments.map((input, index) => ({ kind: 'segment' as const, input, path: `segments[${index}]` })),
    ...flags.map((input, index) => ({ kind: 'flag' as const, input, path: `flags[${index}]` })),
  ];
  const seen = new Set<string>();
  for (const { kind, input, path } of inputs) {
    const verdict = judge(kind, input);
    const found = verdict.ok
      ? [...(await segmentFaults(verdict.references, async (id) => states.get(id), verdict.isArchived))]
      : [...verdict.faults];
    if (verdict.ok) {
      const { key, isArchived } = verdict;
      if (seen.has(`${kind} ${key}`)) {
        found.push({ code: 'duplicate-id', path: kind === 'flag' ? 'key' : 'id', message: 'Is there twice.' });
      }
      seen.add(`${kind} ${key}`);
      if (kind === 'segment') states.set(key, isArchived ? 'archived' : 'active');
      drafts.push(draftOf({ environment, kind, by: CENTER }, verdict, undefined));
    }
    faults.push(...found.map((fault) => ({ ...fault, path: fault.path === '' ? path : `${path}.${fault.path}` })));
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, drafts };
}
