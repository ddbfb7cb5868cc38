import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { differences } from '../experiments/expected.js';
import { runField } from '../experiments/run.js';
import { Random } from '../random.js';

describe('the comparison of results', () => {
  it.each<[unknown, unknown, readonly string[]]>([
    [{ a: 1, more: 5 }, { a: 1 }, []],
    [{ a: 1 + 1e-12 }, { a: 1 }, []],
    [{ a: 1e6 + 1e-4 }, { a: 1e6 }, []],
    [{ a: 1.000001 }, { a: 1 }, ['a: 1.000001, expected 1']],
    [{ a: [{ b: 'x' }] }, { a: [{ b: 'y' }] }, ['a.0.b: "x", expected "y"']],
    [{ a: [] }, { a: [{ b: 1 }] }, ['a.0: undefined, expected {"b":1}']],
    [{ a: null }, { a: 1 }, ['a: null, expected 1']],
    [undefined, { a: 1 }, [': undefined, expected {"a":1}']],
  ])('of %j with %j finds %j', (actual, expected, found) => {
    expect(differences(actual, expected)).toEqual(found);
  });
});

describe('an experiment in the field', () => {
  it('has the results of what was acknowledged, although the center was killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fbcenter-experiments-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const options = { folder: join(folder, 'data'), seconds: 5, kills: 1, random: new Random(20_260_101) };
    const { kills, users, events, wrong } = await runField({ ...options, progress: () => {} });
    expect({ kills, wrong }).toEqual({ kills: 1, wrong: [] });
    expect(users).toBeGreaterThan(0);
    expect(events).toBeGreaterThan(users);
  }, 180_000);
});
