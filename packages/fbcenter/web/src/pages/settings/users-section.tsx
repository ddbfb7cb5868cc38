import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { LinkBody, UserBody } from '../../../../src/api/access.js';
import { useEnvironments, useSession } from '../../api/queries.js';
import { moment } from '../../model/time.js';
import { Button, Empty, Since, Skeleton } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Menu } from '../../ui/menu.js';
import { LoadFailure } from '../../ui/notice.js';
import { complain, say } from '../../ui/toasts.js';
import { grantsText } from './grants-field.js';
import { settingsCalls, settingsKeys, useUsers } from './settings-calls.js';
import { ShownOnce } from './shown-once.js';
import { InviteDialog, RoleDialog } from './user-dialogs.js';

type Open =
  | { readonly name: 'invite' }
  | { readonly name: 'role' | 'remove'; readonly user: UserBody }
  | { readonly name: 'link'; readonly of: string; readonly link: LinkBody };

/** Who signs in, and what they may do. */
export function UsersSection() {
  const users = useUsers();
  const environments = useEnvironments().data ?? [];
  const me = useSession().data?.me;
  const client = useQueryClient();
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const reload = () => client.invalidateQueries({ queryKey: settingsKeys.users });

  const attempt = async (what: string, work: () => Promise<string | undefined>) => {
    try {
      const done = await work();
      await reload();
      if (done !== undefined) say(done);
    } catch (error) {
      complain(what, error);
    }
  };
  const setDisabled = ({ id, name }: UserBody, isDisabled: boolean) =>
    attempt(`${name} was not changed`, async () => {
      await settingsCalls.disable(id, isDisabled);
      return isDisabled ? `${name} is disabled, and signed out everywhere.` : `${name} can sign in again.`;
    });
  const makeLink = ({ id, name }: UserBody) =>
    attempt('There is no link', async () => {
      setOpen({ name: 'link', of: name, link: await settingsCalls.newLink(id) });
      return undefined;
    });

  return (
    <section className="step" aria-labelledby="step-users">
      <h2 id="step-users">Users</h2>
      <div className="step-body">
        <LoadFailure of={users} what="The users" />
        {users.data === undefined ? (
          users.error === null && <Skeleton lines={3} />
        ) : users.data.items.length === 0 ? (
          <Empty icon="people" title="Nobody has an account yet">
            <p>Invite somebody: the link that you pass on lets them choose a password.</p>
          </Empty>
        ) : (
          <ul className="rows" aria-label="Users">
            {users.data.items.map((user) => (
              <li key={user.id}>
                <span className="row-main">
                  <strong>{user.name}</strong>
                  {user.state !== 'active' && <span className="tag">{user.state}</span>}
                  {user.id === me?.id && <span className="tag">you</span>}
                  <span className="quiet">{grantsText(user, environments)}</span>
                </span>
                <span className="quiet row-time">
                  {user.lastSignInAt === null ? (
                    'never signed in'
                  ) : (
                    <>
                      signed in <Since at={Date.parse(user.lastSignInAt)} />
                    </>
                  )}
                </span>
                <Menu
                  label={`Actions for ${user.name}`}
                  items={[
                    ...(user.signsInWith === 'password'
                      ? ([
                          { label: 'Change role', icon: 'pencil', onPress: () => setOpen({ name: 'role', user }) },
                          {
                            label: user.state === 'invited' ? 'New invitation link' : 'Reset password',
                            icon: 'copy',
                            onPress: () => void makeLink(user),
                          },
                        ] as const)
                      : []),
                    user.state === 'disabled'
                      ? { label: 'Enable', icon: 'check', onPress: () => void setDisabled(user, false) }
                      : { label: 'Disable', icon: 'close', onPress: () => void setDisabled(user, true) },
                    {
                      label: 'Remove',
                      icon: 'trash',
                      isDanger: true,
                      onPress: () => setOpen({ name: 'remove', user }),
                    },
                  ]}
                />
              </li>
            ))}
          </ul>
        )}
        <div className="row-actions">
          <Button icon="plus" onClick={() => setOpen({ name: 'invite' })}>
            Invite a user
          </Button>
        </div>
      </div>
      {open?.name === 'invite' && (
        <InviteDialog
          onClose={close}
          onInvited={(name, link) => {
            setOpen({ name: 'link', of: name, link });
            void reload();
          }}
        />
      )}
      {open?.name === 'role' && (
        <RoleDialog
          user={open.user}
          onClose={close}
          onSave={async (grants) => {
            await settingsCalls.changeGrants(open.user.id, grants);
            await client.invalidateQueries();
            close();
            say(`${open.user.name} is now: ${grantsText(grants, environments)}.`);
          }}
        />
      )}
      {open?.name === 'remove' && (
        <Dialog
          title={`Remove ${open.user.name}?`}
          onClose={close}
          onSubmit={() => {
            const { id, name } = open.user;
            close();
            void attempt(`${name} was not removed`, async () => {
              await settingsCalls.removeUser(id);
              return `${name} is removed, and signed out everywhere.`;
            });
          }}
          footer={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="danger" type="submit">
                Remove
              </Button>
            </>
          }
        >
          <p>The user is signed out everywhere and cannot sign in any more. What was changed stays as it is.</p>
        </Dialog>
      )}
      {open?.name === 'link' && (
        <ShownOnce
          title={`The link for ${open.of}`}
          text={location.origin + open.link.link}
          hint={`Pass it on to ${open.of} in private. It works once, until ${moment(Date.parse(open.link.expiresAt))}, and is not shown again.`}
          onClose={close}
        />
      )}
    </section>
  );
}
