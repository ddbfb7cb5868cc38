import { useCallback, useMemo, useRef, useState } from 'react';
import { useEnvironments, useSummaries, useUsage } from '../../api/queries.js';
import { comparison, matches, readSearch, type SearchContext, type SortKey } from '../../model/search.js';
import { staleReason } from '../../model/stale.js';
import type { FlagSummary } from '../../model/summary.js';
import { count } from '../../model/words.js';
import { useMay } from '../../shell/may.js';
import { goTo, replaceParameters } from '../../shell/navigation.js';
import { useShortcuts } from '../../shell/shortcuts.js';
import { useClock } from '../../ui/clock.js';
import { Button, Empty, Skeleton } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { LoadFailure } from '../../ui/notice.js';
import { BulkBar } from './bulk-bar.js';
import { CreateFlagDialog } from './create-flag-dialog.js';
import { useEnabledElsewhere } from './elsewhere.js';
import { Filters } from './filters.js';
import { FirstSteps } from './first-steps.js';
import { FlagTable } from './flag-table.js';
import { useSearchIndex } from './search-index.js';
import { SwitchDialog } from './switch-dialog.js';
import { UnknownFlags } from './unknown-flags.js';
import { useAddress } from './use-flags-address.js';

const SORTS: Readonly<Record<SortKey, string>> = { key: 'By key', changed: 'Last changed', used: 'Last evaluated' };
/** Browsers allow only so many changes of the address in a while: it follows when typing rests, in milliseconds. */
export function FlagsPage({ environment }: { readonly environment: string }) {
  const summaries = useSummaries(environment);
  const usage = useUsage(environment);
  const others = (useEnvironments().data ?? []).map(({ key }) => key);
  const elsewhere = useEnabledElsewhere(others, environment, summaries.data !== undefined);
  const now = useClock();
  const search = useRef<HTMLInputElement>(null);
  const { text, setText, sort, active, activate } = useAddress();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [switching, setSwitching] = useState<FlagSummary>();
  const [isCreating, setCreating] = useState(false);
  const [making, setMaking] = useState<string>();

  const flags = summaries.data;
  const use = usage.data?.flags;
  const unknown = useMemo(() => {
    const known = new Set(flags?.map(({ key }) => key));
    return usage.data?.unknown.filter(({ key }) => !known.has(key)) ?? [];
  }, [usage.data, flags]);
  const reasons = useMemo(
    () =>
      new Map(
        (flags ?? []).flatMap((flag) => {
          const reason = use === undefined ? undefined : staleReason(flag, use.get(flag.key), now);
          return reason === undefined ? [] : [[flag.key, reason] as const];
        }),
      ),
    [flags, use, now],
  );
  const context = useMemo<SearchContext>(() => {
    const here = new Set((flags ?? []).flatMap(({ key, isEnabled }) => (isEnabled ? [key] : [])));
    const enabledIn = new Map([...elsewhere].map(([key, states]) => [key, onKeys(states)] as const)).set(
      environment,
      here,
    );
    return { enabledIn, isStale: ({ key }) => reasons.has(key) };
  }, [flags, elsewhere, environment, reasons]);
  const query = useMemo(() => readSearch(text), [text]);
  // Sorted once, not with each letter of a search.
  const lastUsed = sort === 'used' ? use : undefined;
  const sorted = useMemo(
    () => (flags ?? []).toSorted(comparison(sort, (key) => lastUsed?.get(key)?.lastAt ?? 0)),
    [flags, sort, lastUsed],
  );
  const shown = useMemo(() => sorted.filter((flag) => matches(query, flag, context)), [sorted, query, context]);
  useSearchIndex(flags);

  const toggleChosen = useCallback((key: string) => {
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }, []);
  const focusSearch = () => {
    search.current?.focus();
    search.current?.select();
  };
  const may = useMay(environment);
  useShortcuts({ '/': focusSearch, n: () => may.edit && setCreating(true) });

  const isEmpty = flags?.length === 0;
  return (
    <div className="page list-page">
      <div className="page-head">
        <Heading title="Flags" takesFocus={active === undefined} />
        {may.edit ? (
          <Button look="primary" icon="plus" onClick={() => setCreating(true)} aria-keyshortcuts="n">
            New flag
          </Button>
        ) : (
          <p className="quiet">{may.why}</p>
        )}
      </div>
      <LoadFailure of={summaries} what="The flags" />
      {flags === undefined ? (
        summaries.error === null && <Skeleton lines={14} />
      ) : isEmpty ? (
        <FirstSteps environment={environment} onCreate={() => setCreating(true)} />
      ) : (
        <>
          <Filters flags={flags} reasons={reasons} text={text} onText={setText} />
          {unknown.length > 0 && <UnknownFlags unknown={unknown} onMake={setMaking} />}
          <search className="toolbar">
            <label className="search-field">
              <Icon name="search" />
              <span className="visually-hidden">Search flags</span>
              <input
                ref={search}
                type="search"
                placeholder="Search keys, names, tags, attributes, values; tag:checkout is:off stale"
                aria-keyshortcuts="/"
                autoComplete="off"
                spellCheck={false}
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
                onKeyDown={(event) => {
                  const [first] = shown;
                  if (event.key === 'Enter' && first !== undefined) {
                    activate(first.key);
                    goTo({ page: 'flag', environment, key: first.key, tab: 'targeting' });
                  } else if (event.key === 'ArrowDown') {
                    event.preventDefault();
                    document.querySelector<HTMLElement>('[data-active] [data-main]')?.focus();
                  } else if (event.key === 'Escape') setText('');
                }}
              />
              <kbd>/</kbd>
            </label>
            <p className="found" role="status">
              {count(shown.length, 'flag')}
            </p>
            <label>
              <span className="visually-hidden">Order</span>
              <select
                value={sort}
                onChange={(event) =>
                  replaceParameters({ sort: event.currentTarget.value === 'key' ? '' : event.currentTarget.value })
                }
              >
                {Object.entries(SORTS).map(([key, label]) => (
                  <option key={key} value={key}>
                    {label}
                  </option>
                ))}
              </select>
            </label>
          </search>
          {shown.length === 0 ? (
            <Empty icon="search" title="No flag matches">
              {query.unknown.length > 0 && (
                <p>
                  There is no filter {query.unknown.join(', ')}: tag:, on:, off:, is:, type:, segment: and by: are
                  known.
                </p>
              )}
              <Button onClick={() => setText('')}>Clear the search</Button>
            </Empty>
          ) : (
            <FlagTable
              environment={environment}
              flags={shown}
              usage={use}
              reasons={reasons}
              elsewhere={elsewhere}
              activeKey={active}
              chosen={chosen}
              onActivate={activate}
              onChoose={toggleChosen}
              onSwitch={setSwitching}
              may={may}
              onSearch={focusSearch}
            />
          )}
        </>
      )}
      {chosen.size > 0 && flags !== undefined && may.edit && (
        <BulkBar
          environment={environment}
          flags={flags.filter(({ key }) => chosen.has(key))}
          matching={shown}
          onChoose={(keys) => setChosen(new Set(keys))}
        />
      )}
      {switching !== undefined && (
        <SwitchDialog
          environment={environment}
          flagKey={switching.key}
          isEnabled={switching.isEnabled}
          onClose={() => setSwitching(undefined)}
        />
      )}
      {(isCreating || making !== undefined) && (
        <CreateFlagDialog
          environment={environment}
          flags={flags ?? []}
          wantedKey={making}
          onClose={() => {
            setCreating(false);
            setMaking(undefined);
          }}
        />
      )}
    </div>
  );
}

function onKeys(states: ReadonlyMap<string, boolean>): ReadonlySet<string> {
  return new Set([...states].flatMap(([key, isEnabled]) => (isEnabled ? [key] : [])));
}
