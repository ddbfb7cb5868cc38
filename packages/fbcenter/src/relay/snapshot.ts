import { createHash } from 'node:crypto';
import { isJsonObject } from '../model/json.js';
import type { ReplicaState } from './replica.js';

const FORMAT = 'fbcenter relay 1';

/** What a relay keeps of an environment, so that the next start can serve it. */
export interface Snapshot {
  readonly environmentId: string;
  readonly state: ReplicaState;
}

/** Writes a snapshot: a first line by which it is recognised and checked, then the content. */
export function encodeSnapshot({ environmentId, state }: Snapshot): string {
  const content = JSON.stringify({ environmentId, ...state });
  return `${JSON.stringify({ format: FORMAT, sha256: digest(content) })}\n${content}\n`;
}

/** Reads a snapshot. @returns the sentence that says why it cannot be used, when it cannot. */
export function decodeSnapshot(text: string, environmentId: string): ReplicaState | string {
  const end = text.indexOf('\n');
  const head = parse(text.slice(0, Math.max(0, end)));
  const content = text.slice(end + 1).trimEnd();
  if (!isJsonObject(head) || head.format !== FORMAT) return 'it does not begin as a snapshot of this version does';
  if (head.sha256 !== digest(content)) return 'its content is not what was written';
  const value = parse(content);
  if (!isJsonObject(value) || value.environmentId !== environmentId) return 'it is of another environment';
  // The digest shows that it is what a relay has written.
  const { documents, cursors, replacedAt } = value as unknown as ReplicaState;
  return { documents, cursors, replacedAt };
}

/** The file of an environment. Its id is no secret. */
export function snapshotName(environmentId: string): string {
  return `${environmentId}.snapshot`;
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
