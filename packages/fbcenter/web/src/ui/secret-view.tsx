import { useState } from 'react';
import type { SecretKind } from '../api/calls.js';
import { calls } from '../api/session.js';
import { useMay } from '../shell/may.js';
import { Button, CopyButton } from './controls.js';
import { complain } from './toasts.js';

/** A secret that is in the page only after it was asked for. */
export function SecretView({
  environment,
  kind,
  secret,
  onShow,
}: {
  readonly environment: string;
  readonly kind: SecretKind;
  /** The secret, while it is shown. */
  readonly secret: string | undefined;
  readonly onShow: (secret: string | undefined) => void;
}) {
  const may = useMay(environment);
  const [isLoading, setLoading] = useState(false);
  const label = kind === 'server' ? 'Server secret' : 'Client secret';
  const press = async () => {
    if (secret !== undefined) return onShow(undefined);
    setLoading(true);
    try {
      onShow(await calls.secret(environment, kind));
    } catch (error) {
      complain(`The ${label.toLowerCase()} cannot be shown`, error);
    } finally {
      setLoading(false);
    }
  };
  return (
    <div className="secret">
      <span className="secret-label">{label}</span>
      <code>{secret ?? '•'.repeat(16)}</code>
      <Button
        look="quiet"
        icon="eye"
        aria-label={`${secret === undefined ? 'Show' : 'Hide'} the ${label.toLowerCase()}`}
        disabled={isLoading || !may.edit}
        title={may.edit ? undefined : may.why}
        onClick={() => void press()}
      >
        {secret === undefined ? 'Show' : 'Hide'}
      </Button>
      {secret !== undefined && <CopyButton text={secret} label="Copy" />}
    </div>
  );
}
