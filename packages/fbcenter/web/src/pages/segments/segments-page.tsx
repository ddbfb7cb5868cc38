import { useState } from 'react';
import { useSegments, useTakeSegment } from '../../api/queries.js';
import { calls } from '../../api/session.js';
import { hrefOf } from '../../model/route.js';
import { timeOf } from '../../model/time.js';
import { count } from '../../model/words.js';
import { useMay } from '../../shell/may.js';
import { goTo, replaceParameters, useParameters } from '../../shell/navigation.js';
import { useShortcuts } from '../../shell/shortcuts.js';
import { Button, Empty, Since, Skeleton } from '../../ui/controls.js';
import { CreateDialog } from '../../ui/create-dialog.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { Link } from '../../ui/link.js';
import { LoadFailure } from '../../ui/notice.js';
import { say } from '../../ui/toasts.js';
import { useSegmentUsers } from './use-segment-users.js';

export function SegmentsPage({ environment }: { readonly environment: string }) {
  const segments = useSegments(environment);
  const usersOf = useSegmentUsers(environment);
  const text = useParameters().get('q') ?? '';
  const [isCreating, setCreating] = useState(false);
  const may = useMay(environment);
  useShortcuts({
    '/': () => document.querySelector<HTMLElement>('.search-field input')?.focus(),
    n: () => may.edit && setCreating(true),
  });
  const all = segments.data ?? [];
  const words = text.toLowerCase().split(/\s+/);
  const shown = all.filter((segment) => {
    if (segment.isArchived && !words.includes('archived')) return false;
    const { id, name, description = '', included } = segment;
    const haystack = [id, name, description, ...included.slice(0, 1000)].join('\n').toLowerCase();
    return words.every((word) => word === 'archived' || haystack.includes(word));
  });
  return (
    <div className="page">
      <div className="page-head">
        <Heading title="Segments" />
        {may.edit ? (
          <Button look="primary" icon="plus" onClick={() => setCreating(true)} aria-keyshortcuts="n">
            New segment
          </Button>
        ) : (
          <p className="quiet">{may.why}</p>
        )}
      </div>
      <LoadFailure of={segments} what="The segments" />
      {segments.data === undefined ? (
        segments.error === null && <Skeleton lines={6} />
      ) : all.length === 0 ? (
        <Empty icon="people" title="No segment yet">
          <p>A segment is a group of users that many flags can ask about: staff, early adopters, a country.</p>
          {may.edit && (
            <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
              New segment
            </Button>
          )}
        </Empty>
      ) : (
        <>
          <search className="toolbar">
            <label className="search-field">
              <Icon name="search" />
              <span className="visually-hidden">Search segments</span>
              <input
                type="search"
                placeholder="Search names, ids and users"
                value={text}
                onInput={(event) => replaceParameters({ q: event.currentTarget.value })}
              />
              <kbd>/</kbd>
            </label>
            <p className="found" role="status">
              {count(shown.length, 'segment')}
            </p>
          </search>
          {shown.length === 0 ? (
            <Empty icon="search" title="No segment matches">
              <p>Archived segments are found by the word archived.</p>
              <Button onClick={() => replaceParameters({ q: '' })}>Clear the search</Button>
            </Empty>
          ) : (
            <table className="list">
              <thead>
                <tr>
                  <th scope="col">Segment</th>
                  <th scope="col">Who is in it</th>
                  <th scope="col">Used by</th>
                  <th scope="col">Changed</th>
                </tr>
              </thead>
              <tbody>
                {shown.map(({ id, name, description, included, excluded, rules, isArchived, updatedAt }) => {
                  const time = timeOf(updatedAt);
                  const flags = usersOf(id);
                  const parts = [
                    ...(included.length > 0 ? [`${count(included.length, 'user')} by name`] : []),
                    ...(rules.length > 0 ? [count(rules.length, 'rule')] : []),
                    ...(excluded.length > 0 ? [`without ${count(excluded.length, 'user')}`] : []),
                  ];
                  return (
                    <tr key={id} className={isArchived ? 'muted' : ''}>
                      <td>
                        <Link href={hrefOf({ page: 'segment', environment, id })}>
                          <span className="title">{name}</span>
                          {name !== id && <span className="mono quiet">{id}</span>}
                        </Link>
                        {description && <span className="quiet">{description}</span>}
                      </td>
                      <td>{parts.length === 0 ? <span className="muted">nobody</span> : parts.join(', ')}</td>
                      <td>
                        {isArchived ? (
                          <span className="muted">archived</span>
                        ) : flags === undefined ? (
                          <span className="muted">…</span>
                        ) : flags.length === 0 ? (
                          <span className="muted">no flag</span>
                        ) : (
                          <span title={flags.join(', ')}>
                            {flags.length <= 2 ? flags.join(', ') : count(flags.length, 'flag')}
                          </span>
                        )}
                      </td>
                      <td className="quiet">{time !== undefined && <Since at={time} />}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          )}
        </>
      )}
      {isCreating && (
        <CreateSegmentDialog
          environment={environment}
          taken={all.map(({ id }) => id)}
          onClose={() => setCreating(false)}
        />
      )}
    </div>
  );
}

function CreateSegmentDialog({
  environment,
  taken,
  onClose,
}: {
  readonly environment: string;
  readonly taken: readonly string[];
  readonly onClose: () => void;
}) {
  const take = useTakeSegment(environment);
  return (
    <CreateDialog
      noun="segment"
      keyLabel="Id"
      keyHint="What flags ask about. It cannot be changed later."
      example="Early adopters"
      taken={taken}
      create={async (id, name) => {
        const nobody = { included: [], excluded: [], rules: [], isArchived: false };
        take(await calls.putSegment(environment, { id, name, ...nobody }));
        onClose();
        goTo({ page: 'segment', environment, id });
        say(`${name} was made. Nobody is in it yet.`);
      }}
      onClose={onClose}
    />
  );
}
