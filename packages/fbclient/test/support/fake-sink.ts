import type { DataSync } from '../../src/protocol/messages.js';
import type { DataSyncSink, SourceError } from '../../src/sync/data-source.js';

/** A sink that keeps what a data source tells it; its answers to `accept` are given by the test. */
export class FakeSink implements DataSyncSink {
  cursor = 0;
  readonly calls: (readonly [string, ...unknown[]])[] = [];
  /** What `accept` answers; by itself everything is committed at once. */
  answer: (envelope: unknown) => Promise<boolean> = () => Promise.resolve(true);

  accept(envelope: unknown): Promise<boolean> {
    this.calls.push(['accept', envelope]);
    return this.answer(envelope);
  }

  take(data: DataSync): Promise<boolean> {
    return this.accept({ messageType: 'data-sync', data });
  }

  confirm(): void {
    this.calls.push(['confirm']);
  }

  interrupted(error: SourceError): void {
    this.calls.push(['interrupted', error.code]);
  }

  failed(error: SourceError): void {
    this.calls.push(['failed', error.code]);
  }
}
