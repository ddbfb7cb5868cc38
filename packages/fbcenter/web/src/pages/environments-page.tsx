import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Environment } from '../api/calls.js';
import { keys } from '../api/keys.js';
import { useConnections, useEnvironments, useSummaries } from '../api/queries.js';
import { calls } from '../api/session.js';
import { hrefOf } from '../model/route.js';
import { keyFromName } from '../model/shapes.js';
import { timeOf } from '../model/time.js';
import { count } from '../model/words.js';
import { Button, Field, Since, Skeleton } from '../ui/controls.js';
import { Dialog } from '../ui/dialog.js';
import { Heading } from '../ui/heading.js';
import { Icon } from '../ui/icon.js';
import { Link } from '../ui/link.js';
import { LoadFailure, Notice } from '../ui/notice.js';
import { SecretView } from '../ui/secret-view.js';
import { reasonOf, say } from '../ui/toasts.js';

export function EnvironmentsPage() {
  const environments = useEnvironments();
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
          <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
            New environment
          </Button>
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

function EnvironmentCard({
  environment: { key, name, connections, serverSecret, clientSecret },
}: {
  readonly environment: Environment;
}) {
  const [shown, setShown] = useState<'server' | 'client'>();
  const flags = useSummaries(key).data?.filter(({ isArchived }) => !isArchived);
  const on = flags?.filter(({ isEnabled }) => isEnabled).length ?? 0;
  return (
    <li className="card">
      <div className="card-head">
        <h2>
          <Link href={hrefOf({ page: 'flags', environment: key })}>{name}</Link>
        </h2>
        {name !== key && <code>{key}</code>}
      </div>
      <dl className="facts">
        <div>
          <dt>Flags</dt>
          <dd>{flags === undefined ? '…' : `${flags.length.toLocaleString('en')}, ${on.toLocaleString('en')} on`}</dd>
        </div>
        <div>
          <dt>SDKs</dt>
          <dd>{connections === 0 ? 'none connected' : `${count(connections, 'SDK')} connected`}</dd>
        </div>
      </dl>
      {connections > 0 && <ConnectedSdks environment={key} />}
      <SecretView
        label="Server secret"
        secret={serverSecret}
        isShown={shown === 'server'}
        onShow={(isShown) => setShown(isShown ? 'server' : undefined)}
      />
      <SecretView
        label="Client secret"
        secret={clientSecret}
        isShown={shown === 'client'}
        onShow={(isShown) => setShown(isShown ? 'client' : undefined)}
      />
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
          {list.count > list.items.length && (
            <p className="quiet">and {(list.count - list.items.length).toLocaleString('en')} more</p>
          )}
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
  const [name, setName] = useState('');
  const [typedKey, setTypedKey] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const client = useQueryClient();
  const key = typedKey ?? keyFromName(name);
  const submit = async () => {
    if (key.trim() === '') return setProblem('Give the environment a key.');
    if (taken.includes(key)) return setProblem(`There is an environment ${key} already.`);
    try {
      await calls.createEnvironment(key, name.trim() || key);
      await client.invalidateQueries({ queryKey: keys.environments });
      onClose();
      say(`${name.trim() || key} was made.`);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  return (
    <Dialog
      title="New environment"
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Create
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      <Field label="Name">
        <input
          data-autofocus=""
          autoComplete="off"
          value={name}
          placeholder="Production"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Field label="Key" hint="It stands in addresses and cannot be changed later.">
        <input
          className="mono"
          autoComplete="off"
          spellCheck={false}
          value={key}
          placeholder="production"
          onInput={(event) => setTypedKey(event.currentTarget.value)}
        />
      </Field>
    </Dialog>
  );
}
