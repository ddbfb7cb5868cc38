import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Environment, SecretKind } from '../api/calls.js';
import { keys } from '../api/keys.js';
import { useEnvironments, useSummaries } from '../api/queries.js';
import { calls } from '../api/session.js';
import { hrefOf } from '../model/route.js';
import { count } from '../model/words.js';
import { useIsAdmin } from '../shell/may.js';
import { EnvironmentActions } from '../transfer/environment-actions.js';
import { Button } from '../ui/controls.js';
import { CreateDialog } from '../ui/create-dialog.js';
import { Heading } from '../ui/heading.js';
import { Icon } from '../ui/icon.js';
import { Link } from '../ui/link.js';
import { LoadFailure } from '../ui/notice.js';
import { SecretView } from '../ui/secret-view.js';
import { say } from '../ui/toasts.js';

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
          <dd>{flags === undefined ? '…' : `${flags.length.toLocaleString('en')}, ${on.toLocaleString('en')} on`}</dd>
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
      <EnvironmentActions environment={environment} />
    </li>
  );
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
