import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { flipBits } from '../kill/flips.js';
import { killAgainAndAgain } from '../kill/kills.js';
import { Ledger } from '../kill/ledger.js';
import { Random } from '../random.js';

function home(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fbcenter-kill-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const served = (key: string, name: string, version: number) => ({
  key,
  name,
  updatedAt: new Date(version).toISOString(),
});

describe('the ledger of the kill soak', () => {
  const ledger = () => {
    const kept = new Ledger();
    kept.acknowledge('a', kept.send('a'), 1_000);
    kept.send('a');
    return kept;
  };

  it.each([
    ['what was acknowledged', [served('a', '1', 1_000)], 0, 0],
    ['what was sent and not answered', [served('a', '2', 1_001)], 0, 0],
    ['nothing', [], 1, 0],
    ['something older', [served('a', '0', 999)], 1, 0],
    ['something that was never sent', [served('a', '1', 1_000), served('b', '3', 1_002)], 1, 0],
    ['another change under a version that was given', [served('a', '2', 1_000)], 0, 1],
  ])('judges a center that serves %s', (_, flags, lost, repeated) => {
    const kept = ledger();
    kept.check(flags, 'here');
    expect([kept.lost.length, kept.repeated.length]).toEqual([lost, repeated]);
  });
});

describe('a center', () => {
  it('that is killed while it writes loses nothing that it has acknowledged, and repeats no version', async () => {
    const { kills, ledger, ghosts, failures } = await killAgainAndAgain(
      join(home(), 'killed'),
      3,
      new Random(5),
      () => {},
    );
    expect({ kills, lost: ledger.lost, repeated: ledger.repeated, ghosts, failures }).toEqual({
      kills: 3,
      lost: [],
      repeated: [],
      ghosts: [],
      failures: [],
    });
    expect(ledger.acknowledged).toBeGreaterThan(0);
  }, 180_000);

  it('whose files are damaged neither aborts nor serves anything wrong', async () => {
    const { damages, aborted, wrong } = await flipBits(join(home(), 'flipped'), 3, new Random(5), () => {});
    expect({ damages, aborted, wrong }).toEqual({ damages: 3, aborted: [], wrong: [] });
  }, 180_000);
});
