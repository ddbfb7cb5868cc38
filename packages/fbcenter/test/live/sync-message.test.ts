import { decodeDataSyncEnvelope, decodeFlag, decodeSegment } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { readFlag } from '../../src/documents/flag.js';
import { readSegment } from '../../src/documents/segment.js';
import { dataSyncMessage } from '../../src/live/sync-message.js';
import { wireId } from '../../src/live/wire-id.js';
import { aFlag, aSegment } from '../support/documents.js';
import { aDocument } from '../support/fake-change-log.js';

const kept = (kind: 'flag' | 'segment', key: string, version: number) => {
  const verdict = kind === 'flag' ? readFlag(aFlag(), key) : readSegment(aSegment(), key);
  if (!verdict.ok) throw new Error('refused');
  return aDocument(key, version, { id: key, ...verdict.document }, kind);
};

describe('a sync message', () => {
  it.each(['full', 'patch'] as const)('that is %s holds the documents by kind, in their order', (eventType) => {
    const documents = [kept('flag', 'b', 1), kept('segment', 's', 2), kept('flag', 'a', 3)];
    const { messageType, data } = JSON.parse(String(dataSyncMessage(eventType, documents)));
    expect([messageType, data.eventType]).toEqual(['data-sync', eventType]);
    expect(data.featureFlags.map(({ key }: { key: string }) => key)).toEqual(['b', 'a']);
    expect(data.segments.map(({ id }: { id: string }) => id)).toEqual([wireId('s')]);
  });

  it('of no documents has empty lists', () => {
    expect(String(dataSyncMessage('patch', []))).toBe(
      '{"messageType":"data-sync","data":{"eventType":"patch","featureFlags":[],"segments":[]}}',
    );
  });

  it('keeps every byte of a document', () => {
    const document = { ...kept('flag', 'a', 1), text: '{ "key" : "ключ 🚩 \\u0061", "n": 1.0 }' };
    expect(String(dataSyncMessage('full', [document]))).toContain(`[${document.text}]`);
  });

  it('is what an SDK reads: the documents that the judge lets through can be decoded', () => {
    const text = String(dataSyncMessage('full', [kept('flag', 'a', 1), kept('segment', 's', 2)]));
    const envelope = decodeDataSyncEnvelope(JSON.parse(text));
    if (!envelope.ok) throw new Error('not decoded');
    const { featureFlags, segments } = envelope.value;
    expect(featureFlags.map((flag) => decodeFlag(flag).ok)).toEqual([true]);
    expect(segments.map((segment) => decodeSegment(segment).ok)).toEqual([true]);
  });
});
