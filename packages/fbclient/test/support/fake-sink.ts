import { ParsedEnvelope } from '../../src/protocol/messages.js';
import type { DataSink, SourceError } from '../../src/sync/data-source.js';

/** A sink that keeps what a data source tells it; its answers to `accept` are given by the test. */
export class FakeSink implements DataSink {
  cursor = 0;
  readonly calls: (readonly [string, ...unknown[]])[] = [];
  /** What `accept` answers; by itself everything is committed at once. */
  answer: (envelope: unknown) => Promise<boolean> = () => Promise.resolve(true);

  accept(envelope: unknown): Promise<boolean> {
    this.calls.push(['accept', envelope instanceof ParsedEnvelope ? envelope.content : envelope]);
    return this.answer(envelope);
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
