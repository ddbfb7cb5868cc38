import { describe, expect, it } from 'vitest';
import { readFlagAtHand } from '../../src/experiments/flags-at-hand.js';
import { auditOf, demandRevision, mismatch } from '../../src/experiments/target.js';
import type { DocumentKind, StoredDocument } from '../../src/model/document.js';
import type { Documents } from '../../src/storage/documents.js';
import { aRollout, aServedFlag } from '../support/experiment-situation.js';
import { SOMEBODY } from '../support/experiments.js';
import { aDocument } from '../support/fake-change-log.js';

/** Documents that are read one by one; what is read is noted, and one of them may fail. */
function documents(stored: readonly StoredDocument[], failing?: string) {
  const reads: string[] = [];
  const get = async (environmentId: string, kind: DocumentKind, key: string) => {
    reads.push(`${environmentId} ${kind} ${key}`);
    if (key === failing) throw new Error(`${key} is damaged`);
    return stored.find((document) => document.kind === kind && document.key === key);
  };
  return { reads, documents: { get } as Partial<Documents> as Documents };
}

const asking = (...ids: readonly string[]) =>
  ids.map((id) => ({
    ...aRollout(),
    conditions: [{ property: 'User is in segment', op: '', value: JSON.stringify([id]) }],
  }));

const flag = (overrides: object = {}) => aDocument('checkout', 7, { ...aServedFlag(), ...overrides });
const segment = (key: string) => aDocument(key, 3, { included: ['u1'] }, 'segment');

describe('the flag that an experiment is about', () => {
  it('is read with its version, and no segment when it asks about none', async () => {
    const { reads, documents: stored } = documents([flag(), segment('beta')]);
    const found = await readFlagAtHand(stored, 'e', 'checkout');
    expect([found?.version, found?.document.key, found?.segments.size]).toEqual([7, 'checkout', 0]);
    expect(reads).toEqual(['e flag checkout']);
  });

  it('is read with each segment that it asks about, once', async () => {
    const stored = [flag({ rules: asking('beta', 'staff', 'beta') }), segment('beta'), segment('staff')];
    const { reads, documents: all } = documents(stored);
    const found = await readFlagAtHand(all, 'e', 'checkout');
    expect([...(found?.segments ?? [])]).toEqual([
      ['beta', segment('beta').text],
      ['staff', segment('staff').text],
    ]);
    expect(reads).toEqual(['e flag checkout', 'e segment beta', 'e segment staff']);
  });

  it('has no segment that is gone', async () => {
    const found = await readFlagAtHand(documents([flag({ rules: asking('gone') })]).documents, 'e', 'checkout');
    expect([...(found?.segments.keys() ?? ['none'])]).toEqual([]);
  });

  it.each<[string, readonly StoredDocument[]]>([
    ['that there is not', []],
    ['that is only a segment of its key', [segment('checkout')]],
    ['that could not be served', [aDocument('checkout', 1, { variations: 'none' })]],
  ])('is none when it is one %s', async (_, stored) => {
    expect(await readFlagAtHand(documents(stored).documents, 'e', 'checkout')).toBeUndefined();
  });

  it.each(['checkout', 'beta'])('is not made up when %s cannot be read', async (failing) => {
    const { documents: stored } = documents([flag({ rules: asking('beta') }), segment('beta')], failing);
    await expect(readFlagAtHand(stored, 'e', 'checkout')).rejects.toThrow(`${failing} is damaged`);
  });
});

describe('the experiment that is meant', () => {
  const target = { environment: { id: 'e', key: 'dev' }, key: 'blue', by: SOMEBODY };

  it.each<[string, ((revision: number | undefined) => boolean) | undefined, number | undefined, boolean]>([
    ['no condition', undefined, 5, true],
    ['no condition, and none yet', undefined, undefined, true],
    ['its revision', (revision) => revision === 5, 5, true],
    ['another revision', (revision) => revision === 5, 6, false],
    ['that there is none', (revision) => revision === undefined, undefined, true],
    ['that there is none, and one that is there', (revision) => revision === undefined, 1, false],
  ])('may be changed on the condition of %s', (_, precondition, revision, isAllowed) => {
    const demand = () => demandRevision({ ...target, precondition }, revision);
    if (isAllowed) expect(demand).not.toThrow();
    else expect(demand).toThrow(expect.objectContaining({ code: 'version-mismatch', message: mismatch().message }));
  });

  it('that somebody else has changed is to be read again', () => {
    expect(mismatch().message).toBe('The experiment has changed meanwhile: read it again, then repeat the change.');
  });

  it.each<[string, object | undefined, object]>([
    ['with its reason', { comment: 'because' }, { comment: 'because' }],
    ['without one', undefined, {}],
  ])('is in the audit log under its environment’s key, %s', (_, note, expected) => {
    expect(auditOf({ ...target, note: note as never }, 'experiment-started')).toEqual({
      ...expected,
      actor: SOMEBODY,
      action: 'experiment-started',
      subject: { kind: 'experiment', key: 'blue', environment: 'dev' },
    });
  });
});
