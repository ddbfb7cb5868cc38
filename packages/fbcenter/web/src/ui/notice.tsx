import type { ReactNode } from 'react';
import { ApiError, type FailureKind } from '../api/http.js';
import { clockTime } from '../model/time.js';
import { Button } from './controls.js';
import { Icon } from './icon.js';

export function Notice({
  kind = 'info',
  children,
  action,
}: {
  readonly kind?: 'info' | 'warning';
  readonly children: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className={`notice ${kind}`} role={kind === 'warning' ? 'alert' : 'status'}>
      <Icon name="alert" />
      <p>{children}</p>
      {action}
    </div>
  );
}

/** What the page needs of a query to say how it stands. */
export interface LoadState {
  readonly error: Error | null;
  readonly data: unknown;
  /** Milliseconds; 0 when nothing was ever loaded. */
  readonly dataUpdatedAt: number;
  readonly errorUpdatedAt: number;
  readonly isFetching: boolean;
  refetch(): unknown;
}

const WHY: Readonly<Record<FailureKind, string>> = {
  offline: 'The server cannot be reached.',
  'signed-out': 'You are signed out: the session has ended, or the token is no longer valid.',
  forbidden: 'You may not see this.',
  'not-found': 'It is not there.',
  conflict: 'The server refused it.',
  gone: 'It is not there any more.',
  'stale-version': 'Somebody else changed it.',
  invalid: 'The server did not understand the page.',
  'too-many': 'The server asks for a pause: too many requests.',
  unavailable: 'The server is not ready.',
  unexpected: 'The server had a problem.',
};

/** A load that failed: why, since when, and from when what is shown is. Nothing while all is well. */
export function LoadFailure({
  of: load,
  what,
  onSignIn,
}: {
  readonly of: LoadState;
  readonly what: string;
  readonly onSignIn?: () => void;
}) {
  // Read one after the other: what is read decides when the page is drawn again, and times change with each load.
  if (load.error === null) return null;
  const { error, data, dataUpdatedAt, errorUpdatedAt } = load;
  const kind = error instanceof ApiError ? error.kind : 'unexpected';
  const detail = error instanceof ApiError && kind !== 'offline' && kind !== 'signed-out' ? ` ${error.message}` : '';
  const shown =
    data === undefined
      ? ` ${what} could not be loaded.`
      : ` What you see is from ${clockTime(dataUpdatedAt)}; it could not be loaded again at ${clockTime(errorUpdatedAt)}.`;
  const action =
    kind === 'signed-out' && onSignIn !== undefined ? (
      <Button onClick={onSignIn}>Sign in</Button>
    ) : (
      <Button onClick={() => load.refetch()} disabled={load.isFetching}>
        Try again
      </Button>
    );
  return (
    <Notice kind="warning" action={action}>
      <strong>{WHY[kind]}</strong>
      {detail}
      {shown}
    </Notice>
  );
}
