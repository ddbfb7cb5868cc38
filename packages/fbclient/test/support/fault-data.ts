import type { FlagDocument, SegmentDocument } from '../../src/protocol/documents.js';

/** A data-sync envelope as text. */
export function envelope(
  eventType: 'full' | 'patch',
  featureFlags: readonly unknown[],
  segments: readonly unknown[] = [],
): string {
  return JSON.stringify({ messageType: 'data-sync', data: { eventType, featureFlags, segments } });
}

/** The environment that a server holds: the truth that SDKs are to follow. */
export class FaultData {
  readonly #flags = new Map<string, FlagDocument>();
  readonly #segments = new Map<string, SegmentDocument>();

  get flags(): readonly FlagDocument[] {
    return [...this.#flags.values()];
  }

  get segments(): readonly SegmentDocument[] {
    return [...this.#segments.values()];
  }

  put(...flags: readonly FlagDocument[]): void {
    for (const flag of flags) this.#flags.set(flag.key, flag);
  }

  putSegments(...segments: readonly SegmentDocument[]): void {
    for (const segment of segments) this.#segments.set(segment.id, segment);
  }

  /** What a server answers to a cursor: everything to 0, else a patch of what is newer. */
  answer(cursor: number): string {
    const newer = ({ updatedAt }: { readonly updatedAt: string }): boolean => Date.parse(updatedAt) > cursor;
    return envelope(cursor === 0 ? 'full' : 'patch', this.flags.filter(newer), this.segments.filter(newer));
  }
}
