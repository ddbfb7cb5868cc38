import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Environment, SecretKind } from '../../api/calls.js';
import { keys } from '../../api/keys.js';
import { useConnections, useEnvironments, useSummaries } from '../../api/queries.js';
import { calls } from '../../api/session.js';
import { figure } from '../../model/figure.js';
import { hrefOf } from '../../model/route.js';
import { timeOf } from '../../model/time.js';
import { count } from '../../model/words.js';
import { useIsAdmin, useMay } from '../../shell/may.js';
import { EnvironmentActions } from '../../transfer/environment-actions.js';
import { Button, Since, Skeleton } from '../../ui/controls.js';
import { CreateDialog } from '../../ui/create-dialog.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { Link } from '../../ui/link.js';
import { LoadFailure } from '../../ui/notice.js';
import { SecretView } from '../../ui/secret-view.js';
import { say } from '../../ui/toasts.js';
import { SecretsDialog } from './secrets-dialog.js';

const KINDS: readonly SecretKind[] = ['server', 'client'];

export function EnvironmentsPage() {
  const environments = useEnvironments();
  const isAdmin = useIsAdmin();
  const [isCreating, setCreating] = useState(false);
  const list = environments.data ?? [];
  return (
    <div className="page">
      <div className="page-head">
        <Heading title="Environments" />
        <div className="flag-actions">
          {list.length > 1 && (
            <Link className="button plain" href={hrefOf({ page: 'compare' })}>
              <Icon name="compare" />
              Compare and promote
            </Link>
          )}
          {isAdmin && (
            <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
              New environment
            </Button>
          )}
        </div>
      </div>
      <LoadFailure of={environments} what="The environments" />
      <ul className="cards">
        {list.map((environment) => (
          <EnvironmentCard key={environment.id} environment={environment} />
        ))}
      </ul>
      {isCreating && <CreateEnvironmentDialog taken={list.map(({ key }) => key)} onClose={() => setCreating(false)} />}
    </div>
  );
}

function EnvironmentCard({ environment }: { readonly environment: Environment }) {
  const { key, name, isProtected, connections } = environment;
  // One at a time: the less is on the screen the better.
  const [shown, setShown] = useState<{ readonly kind: SecretKind; readonly secret: string }>();
  const [isListing, setListing] = useState(false);
  const may = useMay(key);
  const flags = useSummaries(key).data?.filter(({ isArchived }) => !isArchived);
  const on = flags?.filter(({ isEnabled }) => isEnabled).length ?? 0;
  return (
    <li className="card">
      <div className="card-head">
        <h2>
          <Link href={hrefOf({ page: 'flags', environment: key })}>{name}</Link>
        </h2>
        {name !== key && <code>{key}</code>}
        {isProtected && <span className="badge">protected</span>}
      </div>
      <dl className="facts">
        <div>
          <dt>Flags</dt>
          <dd>{flags === undefined ? '…' : `${count(flags.length, 'flag')}, ${figure(on)} on`}</dd>
        </div>
        <div>
          <dt>SDKs</dt>
          <dd>{connections === 0 ? 'none connected' : `${count(connections, 'SDK')} connected`}</dd>
        </div>
      </dl>
      {KINDS.map((kind) => (
        <SecretView
          key={kind}
          environment={key}
          kind={kind}
          secret={shown?.kind === kind ? shown.secret : undefined}
          onShow={(secret) => setShown(secret === undefined ? undefined : { kind, secret })}
        />
      ))}
      {connections > 0 && <ConnectedSdks environment={key} />}
      <EnvironmentActions environment={environment}>
        {may.rule && (
          <>
            <Button look="quiet" aria-label={`Secrets of ${name}`} onClick={() => setListing(true)}>
              Secrets
            </Button>
            <Link
              className="button quiet"
              aria-label={`Webhooks of ${name}`}
              href={hrefOf({ page: 'webhooks', environment: key })}
            >
              Webhooks
            </Link>
          </>
        )}
      </EnvironmentActions>
      {isListing && <SecretsDialog environment={environment} onClose={() => setListing(false)} />}
    </li>
  );
}

/** The SDKs that stream an environment; asked for when somebody wants to see them. */
function ConnectedSdks({ environment }: { readonly environment: string }) {
  const [isOpen, setOpen] = useState(false);
  const connections = useConnections(environment, isOpen);
  const list = connections.data;
  return (
    <details className="sdks" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Which SDKs are connected</summary>
      <LoadFailure of={connections} what="The SDKs" />
      {list === undefined ? (
        connections.error === null && <Skeleton lines={2} />
      ) : (
        <>
          <table>
            <thead>
              <tr>
                <th scope="col">SDK</th>
                <th scope="col">Since</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {list.items.map(({ id, name, version, kind, since, behind }) => (
                <tr key={id}>
                  <td>
                    {name ?? 'unknown'} {version ?? ''} <span className="quiet">{kind}</span>
                  </td>
                  <td className="quiet">
                    <Since at={timeOf(since) ?? 0} />
                  </td>
                  <td className={behind === 0 ? 'up-to-date' : 'behind'}>{behindText(behind)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {list.count > list.items.length && <p className="quiet">and {figure(list.count - list.items.length)} more</p>}
        </>
      )}
    </details>
  );
}

function behindText(behind: number | null): string {
  if (behind === 0) return 'up to date';
  return behind === null ? 'being brought up to date' : `${count(behind, 'change')} behind`;
}

function CreateEnvironmentDialog({
  taken,
  onClose,
}: {
  readonly taken: readonly string[];
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  return (
    <CreateDialog
      noun="environment"
      keyLabel="Key"
      keyHint="It stands in addresses and cannot be changed later."
      example="Production"
      taken={taken}
      create={async (key, name) => {
        await calls.createEnvironment(key, name);
        await client.invalidateQueries({ queryKey: keys.environments });
        onClose();
        say(`${name} was made.`);
      }}
      onClose={onClose}
    />
  );
}
