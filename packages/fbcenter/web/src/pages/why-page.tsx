import { useState } from 'react';
import type { ExplainedFlag } from '../../../src/api/explanation.js';
import { useAttributes, useWhyAll } from '../api/queries.js';
import { UserForm, useAskedUser } from '../editing/user-form.js';
import { shortened } from '../model/document.js';
import { reasonText } from '../model/explanation.js';
import { hrefOf } from '../model/route.js';
import { count } from '../model/words.js';
import { Button, Empty, Skeleton } from '../ui/controls.js';
import { Heading } from '../ui/heading.js';
import { Icon } from '../ui/icon.js';
import { Link } from '../ui/link.js';
import { useIsNarrow } from '../ui/media.js';
import { LoadFailure } from '../ui/notice.js';
import { VirtualGrid } from '../ui/virtual-grid.js';

/** What a user gets of every flag, and why. */
export function WhyPage({ environment }: { readonly environment: string }) {
  const { user, text } = useAskedUser();
  const why = useWhyAll(environment, user);
  const attributes = useAttributes(environment).filter((name) => name !== 'keyId');
  const [search, setSearch] = useState('');
  const [active, setActive] = useState<string>();
  const height = useIsNarrow() ? 58 : 40;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = (why.data ?? []).filter((flag) => {
    const haystack = `${flag.key} ${flag.value ?? ''} ${flag.reason} ${reasonText(flag)}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
  return (
    <div className="page list-page why-page">
      <div className="page-head">
        <Heading title="Why?" />
      </div>
      <div className="why">
        <UserForm environment={environment} attributes={attributes} />
        <div className="why-answer why-list">
          <LoadFailure of={why} what="The answer" />
          {user === undefined ? (
            <Empty icon="question" title="Who asks?">
              <p>Type a user’s key and attributes: here is what the user gets of every flag, and why.</p>
            </Empty>
          ) : why.data === undefined ? (
            why.error === null && <Skeleton lines={12} />
          ) : (
            <>
              <search className="toolbar">
                <label className="search-field">
                  <Icon name="search" />
                  <span className="visually-hidden">Search flags, values and reasons</span>
                  <input
                    type="search"
                    placeholder="Search keys, values, reasons"
                    autoComplete="off"
                    value={search}
                    onInput={(event) => setSearch(event.currentTarget.value)}
                  />
                </label>
                <p className="found" role="status">
                  {count(shown.length, 'flag')}
                </p>
              </search>
              {shown.length === 0 ? (
                <Empty icon="search" title="No flag matches">
                  <Button onClick={() => setSearch('')}>Clear the search</Button>
                </Empty>
              ) : (
                <div className="why-table">
                  <VirtualGrid
                    label="What the user gets"
                    items={shown}
                    keyOf={keyOf}
                    rowHeight={height}
                    columns={3}
                    activeKey={active}
                    onActivate={setActive}
                    onLeaveTop={() => {}}
                    rowClass={() => ''}
                    onRowKey={() => {}}
                    header={
                      <>
                        <span role="columnheader">Flag</span>
                        <span role="columnheader">Gets</span>
                        <span role="columnheader">Because</span>
                      </>
                    }
                    renderRow={(flag, tabIndex) => (
                      <>
                        <span role="gridcell" className="cell-name">
                          <Link
                            data-cell=""
                            data-main=""
                            tabIndex={tabIndex(true)}
                            href={`${hrefOf({ page: 'flag', environment, key: flag.key, tab: 'why' })}?user=${encodeURIComponent(text)}`}
                          >
                            <span className="key">{flag.key}</span>
                          </Link>
                        </span>
                        <span role="gridcell" className="cell-value">
                          <Value flag={flag} />
                        </span>
                        <span role="gridcell" className="cell-reason">
                          {reasonText(flag)}
                        </span>
                      </>
                    )}
                  />
                </div>
              )}
            </>
          )}
        </div>
      </div>
    </div>
  );
}

function Value({ flag: { value } }: { readonly flag: ExplainedFlag }) {
  if (value === null) return <span className="muted">its default</span>;
  return <code>{value === '' ? 'empty text' : shortened(value, 60)}</code>;
}

function keyOf({ key }: ExplainedFlag): string {
  return key;
}
