import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidConfigError, NotConfiguredError } from '../src/errors.js';
import type { FBClient } from '../src/node-client.js';
import { get, setConfig } from '../src/singleton.js';
import { full, wireFlag } from './support/wire.js';

const HOLDER = Symbol.for('fbclient.application-wide-client');
const offline = (value: string) => ({ offline: true, bootstrap: full([wireFlag('flag', value)]) });

beforeEach(() => {
  Reflect.deleteProperty(globalThis, HOLDER);
});
afterEach(() => {
  Reflect.deleteProperty(globalThis, HOLDER);
});

describe('the application-wide client', () => {
  it('is not there before setConfig, and says what to do', () => {
    expect(() => get()).toThrow(NotConfiguredError);
    expect(() => get()).toThrow(/call setConfig\(options\) once at the start, before get\(\)/);
    try {
      get();
    } catch (error) {
      expect(error).toMatchObject({ name: 'NotConfiguredError', code: 'not-configured' });
    }
  });

  it('is the one that setConfig made, everywhere', () => {
    const client = setConfig(offline('one'));
    expect(get()).toBe(client);
    expect(get()).toBe(client);
    expect(get().variation('flag', { key: 'ada' }, '')).toBe('one');
  });

  it('is replaced by another setConfig, which closes the old one', async () => {
    const first = setConfig(offline('one'));
    const second = setConfig(offline('two'));
    expect(get()).toBe(second);
    expect(first.status).toBe('Closed');
    await first.close();
    expect(second.status).toBe('Ready');
    expect(get().variation('flag', { key: 'ada' }, '')).toBe('two');
  });

  it('stays when setConfig is given what cannot be used', () => {
    const client = setConfig(offline('one'));
    expect(() => setConfig({ envSecret: '' })).toThrow(InvalidConfigError);
    expect(get()).toBe(client);
    expect(client.status).toBe('Ready');
  });

  it('stays when it is closed: its data is still served', async () => {
    const client = setConfig(offline('one'));
    await client.close();
    expect(get()).toBe(client);
    expect(get().variation('flag', { key: 'ada' }, '')).toBe('one');
  });

  it('is found by another copy of the package in the same process', () => {
    const ofAnotherCopy = { close: () => undefined, variation: () => 'other' } as unknown as FBClient;
    Reflect.set(globalThis, HOLDER, ofAnotherCopy);
    expect(get()).toBe(ofAnotherCopy);
  });

  it('is not mistaken for something else that stands in its place', () => {
    Reflect.set(globalThis, HOLDER, 'something else');
    expect(() => get()).toThrow(NotConfiguredError);
    setConfig(offline('one'));
    expect(get().status).toBe('Ready');
  });
});
