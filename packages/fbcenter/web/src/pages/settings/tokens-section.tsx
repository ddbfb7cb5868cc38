import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { GrantsBody, NewTokenBody, TokenBody } from '../../../../src/api/access.js';
import { useEnvironments } from '../../api/queries.js';
import { moment } from '../../model/time.js';
import { Button, Field, Since, Skeleton } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { LoadFailure } from '../../ui/notice.js';
import { complain, reasonOf, say } from '../../ui/toasts.js';
import { GrantsField, grantsText, NO_GRANTS } from './grants-field.js';
import { settingsCalls, settingsKeys, useTokens } from './settings-calls.js';
import { ShownOnce } from './shown-once.js';

const DAY = 86_400_000;

/** How long a token lasts, in days; 0 is for ever. */
const LASTS: readonly (readonly [days: number, label: string])[] = [
  [30, '30 days'],
  [90, '90 days'],
  [365, 'A year'],
  [0, 'Until it is revoked'],
];

type Open =
  | { readonly name: 'make' }
  | { readonly name: 'made'; readonly token: NewTokenBody }
  | { readonly name: 'revoke'; readonly token: TokenBody };

/** Access tokens, for programs. */
export function TokensSection() {
  const tokens = useTokens();
  const environments = useEnvironments().data ?? [];
  const client = useQueryClient();
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const reload = () => client.invalidateQueries({ queryKey: settingsKeys.tokens });
  const revoke = async ({ id, name }: TokenBody) => {
    close();
    try {
      await settingsCalls.revokeToken(id);
      await reload();
      say(`${name} is revoked.`);
    } catch (error) {
      complain(`${name} was not revoked`, error);
    }
  };
  return (
    <section className="step" aria-labelledby="step-tokens">
      <h2 id="step-tokens">Access tokens</h2>
      <div className="step-body">
        <LoadFailure of={tokens} what="The access tokens" />
        {tokens.data === undefined ? (
          tokens.error === null && <Skeleton lines={2} />
        ) : (
          <ul className="rows" aria-label="Access tokens">
            {tokens.data.items.map((token) => (
              <li key={token.id}>
                <span className="row-main">
                  <strong>{token.name}</strong>
                  {token.start !== null && <code>{token.start}…</code>}
                  {token.isExpired && <span className="tag">expired</span>}
                  <span className="quiet">
                    {grantsText(token, environments)}
                    {token.expiresAt !== null && !token.isExpired && `, until ${moment(Date.parse(token.expiresAt))}`}
                    {token.createdBy !== null && `; made by ${token.createdBy}`}
                  </span>
                </span>
                <span className="quiet row-time">
                  {!token.isRevocable ? (
                    'given by the settings'
                  ) : token.lastUsedAt === null ? (
                    'never used'
                  ) : (
                    <>
                      used <Since at={Date.parse(token.lastUsedAt)} />
                    </>
                  )}
                </span>
                {token.isRevocable && (
                  <Button
                    look="quiet"
                    icon="trash"
                    aria-label={`Revoke ${token.name}`}
                    onClick={() => setOpen({ name: 'revoke', token })}
                  >
                    Revoke
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
        <div className="row-actions">
          <Button icon="plus" onClick={() => setOpen({ name: 'make' })}>
            Make an access token
          </Button>
        </div>
      </div>
      {open?.name === 'make' && (
        <MakeDialog
          onClose={close}
          onMade={(token) => {
            setOpen({ name: 'made', token });
            void reload();
          }}
        />
      )}
      {open?.name === 'made' && (
        <ShownOnce
          title={`The access token ${open.token.name}`}
          text={open.token.token}
          hint="Put it where the program finds it. It is not shown again."
          onClose={close}
        />
      )}
      {open?.name === 'revoke' && (
        <Dialog
          title={`Revoke ${open.token.name}?`}
          onClose={close}
          onSubmit={() => void revoke(open.token)}
          footer={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="danger" type="submit">
                Revoke
              </Button>
            </>
          }
        >
          <p>Whatever comes with it is refused from the next request on. It cannot be brought back.</p>
        </Dialog>
      )}
    </section>
  );
}

function MakeDialog({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (token: NewTokenBody) => void;
}) {
  const [name, setName] = useState('');
  const [grants, setGrants] = useState<GrantsBody>({ ...NO_GRANTS, role: 'viewer' });
  const [days, setDays] = useState(90);
  const [problem, setProblem] = useState<string>();
  const submit = async () => {
    const expiresAt = days === 0 ? null : new Date(Date.now() + days * DAY).toISOString();
    try {
      onMade(await settingsCalls.makeToken(name, grants, expiresAt));
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  return (
    <Dialog
      title="Make an access token"
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Make
          </Button>
        </>
      }
    >
      <Field label="Name" hint="Which program it is for." problem={problem}>
        <input
          data-autofocus=""
          autoComplete="off"
          value={name}
          placeholder="Deploy pipeline"
          onInput={(event) => {
            setName(event.currentTarget.value);
            setProblem(undefined);
          }}
        />
      </Field>
      <GrantsField grants={grants} onChange={setGrants} />
      <Field label="It lasts">
        <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
          {LASTS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </Field>
    </Dialog>
  );
}
