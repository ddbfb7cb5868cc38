import '../../styles/settings.css';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { NewSecretBody, SecretBody } from '../../../../src/api/answers.js';
import type { Environment, SecretKind } from '../../api/calls.js';
import { keys } from '../../api/keys.js';
import { makeSecret, revokeSecret, useSecrets } from '../../api/secrets.js';
import { useGuard } from '../../editing/guard.js';
import { count } from '../../model/words.js';
import { Button, CopyButton, Field, Since, Skeleton } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { LoadFailure, Notice } from '../../ui/notice.js';
import { reasonOf, say } from '../../ui/toasts.js';

const KINDS: Readonly<Record<SecretKind, string>> = {
  server: 'Server, for what runs with you',
  client: 'Client, for browsers and phones',
};

/** The secrets of an environment. One is changed without a gap: a second one is made, and the first revoked when nobody uses it. */
export function SecretsDialog({
  environment,
  onClose,
}: {
  readonly environment: Pick<Environment, 'key' | 'name'>;
  readonly onClose: () => void;
}) {
  const { key, name: place } = environment;
  const secrets = useSecrets(key);
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<SecretKind>('server');
  const [made, setMade] = useState<NewSecretBody>();
  const [revoking, setRevoking] = useState<SecretBody>();
  const [problem, setProblem] = useState<string>();
  const list = secrets.data;
  const reload = () => client.invalidateQueries({ queryKey: keys.secrets(key) });
  const make = async () => {
    setProblem(undefined);
    try {
      setMade(await makeSecret(key, kind, name.trim()));
      setName('');
      await reload();
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  if (revoking !== undefined)
    return (
      <RevokeDialog
        environment={environment}
        secret={list?.find(({ id }) => id === revoking.id) ?? revoking}
        onClose={async (isRevoked) => {
          setRevoking(undefined);
          if (isRevoked && made?.id === revoking.id) setMade(undefined);
          if (isRevoked) await reload();
        }}
      />
    );
  return (
    <Dialog
      title={`Secrets of ${place}`}
      size="medium"
      onClose={onClose}
      onSubmit={() => void make()}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" type="submit">
            Make the secret
          </Button>
        </>
      }
    >
      <p>
        To change a secret without a gap, make a second one and give it to the applications. Revoke the old one when
        nothing is connected with it any more.
      </p>
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      <LoadFailure of={secrets} what="The secrets" />
      {list === undefined ? (
        secrets.error === null && <Skeleton lines={3} />
      ) : (
        <ul className="rows" aria-label="Secrets">
          {list.map((secret) => (
            <SecretRow
              key={secret.id}
              secret={secret}
              value={made?.id === secret.id ? made.secret : undefined}
              isOnly={list.every((other) => other.id === secret.id || other.kind !== secret.kind)}
              onRevoke={() => setRevoking(secret)}
            />
          ))}
        </ul>
      )}
      <Field label="Name of the new secret" hint="Who gets it: a service, a team.">
        <input
          data-autofocus=""
          autoComplete="off"
          value={name}
          placeholder="billing"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Field label="Kind">
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value as SecretKind)}>
          {Object.entries(KINDS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </Field>
    </Dialog>
  );
}

function SecretRow({
  secret: { kind, name, createdAt, lastUsedAt, connections },
  value,
  isOnly,
  onRevoke,
}: {
  readonly secret: SecretBody;
  /** The secret itself, of the one that was just made. */
  readonly value: string | undefined;
  readonly isOnly: boolean;
  readonly onRevoke: () => void;
}) {
  return (
    <li>
      <span className="row-main">
        <strong>{name}</strong>
        <span className="tag">{kind}</span>
        <span className="quiet">
          {createdAt !== null && (
            <>
              made <Since at={Date.parse(createdAt)} />,{' '}
            </>
          )}
          {lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              used <Since at={Date.parse(lastUsedAt)} />
            </>
          )}
          , {connectedText(connections)}
        </span>
      </span>
      <Button
        look="quiet"
        icon="trash"
        aria-label={`Revoke the ${kind} secret ${name}`}
        disabled={isOnly}
        title={isOnly ? `It is the only ${kind} secret: make another one first.` : undefined}
        onClick={onRevoke}
      >
        Revoke
      </Button>
      {value !== undefined && (
        <p className="shown-once">
          <code>{value}</code>
          <CopyButton text={value} label="Copy" />
        </p>
      )}
    </li>
  );
}

/** Asks before a secret is revoked: who would be cut off. */
function RevokeDialog({
  environment: { key, name: place },
  secret: { id, kind, name, connections },
  onClose,
}: {
  readonly environment: Pick<Environment, 'key' | 'name'>;
  readonly secret: SecretBody;
  readonly onClose: (isRevoked: boolean) => Promise<void>;
}) {
  const guard = useGuard(key);
  const [problem, setProblem] = useState<string>();
  const revoke = async () => {
    if (!guard.isOpen) return;
    try {
      await revokeSecret(key, id);
      say(`The ${kind} secret ${name} of ${place} is revoked.`);
      await onClose(true);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  return (
    <Dialog
      title={`Revoke the ${kind} secret ${name}?`}
      onClose={() => void onClose(false)}
      onSubmit={() => void revoke()}
      footer={
        <>
          <Button onClick={() => void onClose(false)}>Keep it</Button>
          <Button look="danger" type="submit" disabled={!guard.isOpen}>
            Revoke
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      {connections > 0 && (
        <Notice kind="warning">{count(connections, 'SDK')} would be cut off: they came with this secret.</Notice>
      )}
      <p>Whoever comes with it to {place} is refused from then on. It cannot be brought back.</p>
      {guard.field}
    </Dialog>
  );
}

function connectedText(connections: number): string {
  return connections === 0 ? 'nothing connected' : `${count(connections, 'SDK')} connected`;
}
