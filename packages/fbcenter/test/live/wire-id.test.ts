import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wireId } from '../../src/live/wire-id.js';
import { check } from '../support/property.js';

describe('the id of a flag or segment on the wire', () => {
  // Written down once: another id for the same text would give SDKs a segment that no flag asks for.
  it.each([
    ['staff', '3f47c13c-fde0-5bf9-aac6-2c2ab94cf90d'],
    ['my-id', '97cb9786-75fe-5153-bda3-3a745ec30805'],
    ['Größe 🚩', 'c850b3ae-674d-5e2e-9b25-b1fffe64d584'],
    ['__proto__', 'b74da3e5-63f6-5e94-b3ed-d5d09fd44a0d'],
    ['3fa85f64-5717-4562-b3fc-2c963f66afa', 'ea67eca5-cdb4-5f18-b3c5-911819ecf467'],
    ['{3fa85f64-5717-4562-b3fc-2c963f66afa6}', '0e3257f4-e560-5bea-9d73-e313237babc9'],
    ['3fa85f6457174562b3fc2c963f66afa6', '0d73bc33-10ea-5f52-8e62-26139ee77735'],
  ])('of %j is for ever %s', (id, guid) => {
    expect(wireId(id)).toBe(guid);
  });

  it.each([
    ['3fa85f64-5717-4562-b3fc-2c963f66afa6', '3fa85f64-5717-4562-b3fc-2c963f66afa6'],
    ['3FA85F64-5717-4562-B3FC-2C963F66AFA6', '3fa85f64-5717-4562-b3fc-2c963f66afa6'],
    ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
  ])('that is a GUID (%s) stays it, in lower case', (id, guid) => {
    expect(wireId(id)).toBe(guid);
  });

  it('is a UUID of version 5 for any other text, and another one for another text', async () => {
    const seen = new Map<string, string>();
    await check(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const guid = wireId(text);
        expect(guid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(wireId(text)).toBe(guid);
        expect(wireId(guid)).toBe(guid);
        expect(seen.get(guid) ?? text).toBe(text);
        seen.set(guid, text);
      }),
    );
  });

  it('is the same after more ids than are remembered', () => {
    const before = wireId('staff');
    for (let index = 0; index < 25_000; index += 1) wireId(`other-${index}`);
    expect(wireId('staff')).toBe(before);
  });
});
