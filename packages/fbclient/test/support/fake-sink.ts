import { compileDataSyncNow } from '../../src/flags/compile.js';
import type { Difference } from '../../src/flags/store.js';
import { atOnce } from '../../src/protocol/large-message.js';
import type { DataSync } from '../../src/protocol/messages.js';
import type { DataSyncSink, SourceError, TakeOptions } from '../../src/sync/data-source.js';
import { isReading, type Reading } from '../../src/sync/reading.js';
import { COMPILING } from './store.js';

/** A sink that keeps what a data source reports to it; its answers to `accept` are given by the test. */
export class FakeSink implements DataSyncSink {
  cursor = 0;
  readonly calls: (readonly [string, ...unknown[]])[] = [];
  /** Whether each sync message was taken in as repeated, when it was committed. */
  readonly repeated: boolean[] = [];
  /** What a commit has made other documents. */
  differences: Difference[] = [];
  /** Whether a commit brings what was held. */
  repeats = false;
  /** What `accept` answers; by itself everything is committed at once. */
  answer: (envelope: unknown) => Promise<boolean> = () => Promise.resolve(true);

  accept(envelope: unknown): Promise<boolean> {
    this.calls.push(['accept', envelope]);
    return this.answer(envelope);
  }

  take(taken: DataSync | Reading, { isRepeated, done }: TakeOptions): void {
    const data = isReading(taken) ? atOnce(taken) : taken;
    if (data === undefined) {
      done(undefined);
      return;
    }
    void this.accept({ messageType: 'data-sync', data }).then((committed) => {
      if (!committed) {
        done(undefined);
        return;
      }
      this.repeated.push(isRepeated?.() ?? false);
      const { changes } = compileDataSyncNow(data, COMPILING);
      const isEmpty = data.featureFlags.length + data.segments.length === 0;
      done({ changes, differences: this.differences, isEmpty, repeats: this.repeats });
    });
  }

  confirm(): void {
    this.calls.push(['confirm']);
  }

  current(): void {
    this.calls.push(['current']);
  }

  answered(): void {
    this.calls.push(['answered']);
  }

  asked(): void {
    this.calls.push(['asked']);
  }

  repaired(documents: number): void {
    this.calls.push(['repaired', documents]);
  }

  interrupted(error: SourceError): void {
    this.calls.push(['interrupted', error.code]);
  }

  failed(error: SourceError): void {
    this.calls.push(['failed', error.code]);
  }
}
