import { describe, expect, it } from 'vitest';
import type { SdkName } from '../../src/access/sdk-reactions.js';
import type { Push, SyncAnswer, SyncStream } from '../../src/live/stream.js';
import { Bytes } from '../../src/runtime/bytes.js';
import { feedFor } from '../../src/streaming/feed-for.js';

/** A stream that is at a version, keeps its pushes since another, and says what it was asked. */
class Stream implements SyncStream {
  readonly asked: number[] = [];
  readonly #at: number;
  readonly #keptSince: number;

  constructor(at: number, keptSince: number) {
    this.#at = at;
    this.#keptSince = keptSince;
  }

  join(): () => void {
    return () => undefined;
  }

  next(cursor: number): Push | 'behind' | undefined {
    if (cursor < this.#keptSince) return 'behind';
    return cursor < this.#at ? { version: cursor + 1, message: Buffer.from('one document') } : undefined;
  }

  expectedBytes(cursor: number): number {
    return 1_000 - cursor;
  }

  async answer(cursor: number): Promise<SyncAnswer> {
    this.asked.push(cursor);
    return { cursor: this.#at, message: Bytes.of(Buffer.from('an answer')), isEmpty: cursor === this.#at };
  }
}

const OTHERS: readonly SdkName[] = ['fbclient', 'node', 'browser', 'python', 'java', 'dotnet', 'rust', 'unknown'];

describe('the stream of an environment', () => {
  it.each(OTHERS)('is for %s the stream itself', (sdk) => {
    const stream = new Stream(10, 5);
    expect(feedFor(sdk, stream)).toBe(stream);
  });

  it.each([
    ['who has nothing', 0, 0],
    ['who lacks one change', 9, 0],
    ['who lacks several changes', 7, 0],
    ['who lacks more than is kept', 2, 0],
    ['who lacks nothing', 10, 10],
    ['who has a later version than there is', 12, 12],
  ])('asks for FeatBit’s SDK for Go, %s, from %i on for what follows %i', async (_, cursor, asked) => {
    const stream = new Stream(10, 5);
    const feed = feedFor('go', stream);
    expect(feed.expectedBytes(cursor)).toBe(1_000 - asked);
    await feed.answer(cursor);
    expect(stream.asked).toEqual([asked]);
  });

  it('has for FeatBit’s SDK for Go the same pushes, each of one document', () => {
    const stream = new Stream(10, 5);
    const feed = feedFor('go', stream);
    for (const cursor of [2, 5, 9, 10]) expect(feed.next(cursor)).toEqual(stream.next(cursor));
  });
});
