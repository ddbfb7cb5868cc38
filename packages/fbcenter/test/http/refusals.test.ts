import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.js';
import { answerTo, errorAnswer } from '../../src/http/refusals.js';
import { Refusal, type RefusalCode } from '../../src/model/refusal.js';

const body = (error: unknown) => {
  const answer = answerTo(error);
  return answer?.body.kind === 'json' ? [answer.status, answer.body.value] : undefined;
};
const transport = (statusCode: number) => Object.assign(new Error('inner words'), { statusCode });

describe('an error is answered', () => {
  it.each<[RefusalCode, number]>([
    ['invalid-request', 400],
    ['invalid-document', 400],
    ['environment-not-found', 404],
    ['not-found', 404],
    ['archived', 409],
    ['segment-in-use', 409],
    ['already-exists', 409],
    ['version-mismatch', 412],
    ['busy', 503],
  ])('that is the refusal %s with %d, its code and its sentence', (code, status) => {
    expect(body(new Refusal(code, 'Do this.'))).toEqual([status, { code, message: 'Do this.' }]);
  });

  it('that has faults with each of them', () => {
    const faults = [{ code: 'blank', path: 'name', message: 'Must not be blank.' }] as const;
    const refusal = new Refusal('invalid-document', 'It has one fault.', faults);
    expect(body(refusal)).toEqual([400, { code: 'invalid-document', message: 'It has one fault.', faults }]);
  });

  it.each([
    ['storage-unavailable', 503],
    ['damaged-data', 500],
  ] as const)('of the storage, %s, with %i and its sentence, without words of the database', (code, status) => {
    const error = new StorageError('The disk is full.', { code, cause: new Error('SQLITE_FULL') });
    expect(body(error)).toEqual([status, { code, message: 'The disk is full. Nothing was changed.' }]);
  });

  it.each([
    [404, 'not-found'],
    [408, 'too-slow'],
    [413, 'body-too-large'],
    [414, 'address-too-long'],
    [415, 'unsupported-media-type'],
    [400, 'invalid-request'],
    [431, 'invalid-request'],
  ])('of the HTTP server with %d as %s, in words of ours', (status, code) => {
    const answer = body(transport(status));
    expect(answer).toEqual([status, { code, message: expect.stringMatching(/^[A-Z].*\.$/) }]);
    expect(JSON.stringify(answer)).not.toContain('inner words');
  });

  it.each([new Error('a bug'), transport(500), transport(200), null, undefined, 'text', { statusCode: '404' }])(
    'not at all when nobody expected it: %s',
    (error) => {
      expect(answerTo(error)).toBeUndefined();
    },
  );
});

it('an answer that is an error has no faults unless there are some', () => {
  expect(errorAnswer(500, 'internal', 'See the log.')).toEqual({
    status: 500,
    body: { kind: 'json', value: { code: 'internal', message: 'See the log.' } },
  });
});
