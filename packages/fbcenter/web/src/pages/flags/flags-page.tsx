import { useCallback, useMemo, useRef, useState } from 'react';
import { useEnvironments, useSummaries, useUsage } from '../../api/queries.js';
import type { SortKey } from '../../model/search.js';
import type { FlagSummary } from '../../model/summary.js';
import { count } from '../../model/words.js';
import { useMay } from '../../shell/may.js';
import { goTo, replaceParameters } from '../../shell/navigation.js';
import { useShortcuts } from '../../shell/shortcuts.js';
import { Button, Empty, Skeleton } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { useIdleSince } from '../../ui/idle.js';
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
import { useFound } from './use-found.js';

const NO_FLAGS: readonly FlagSummary[] = [];
const SORTS: Readonly<Record<SortKey, string>> = { key: 'By key', changed: 'Last changed', used: 'Last evaluated' };

export function FlagsPage({ environment }: { readonly environment: string }) {
  const summaries = useSummaries(environment);
  const usage = useUsage(environment);
  const isIdle = useIdleSince(summaries.data !== undefined);
  const elsewhere = useEnabledElsewhere(useEnvironments().data, environment, isIdle);
  const searchField = useRef<HTMLInputElement>(null);
  const { text, setText, sort, active, activate } = useAddress(environment);
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
  const { shown, reasons, search, missing } = useFound({
    environment,
    flags: flags ?? NO_FLAGS,
    usage: use,
    elsewhere,
    text,
    sort,
  });
  useSearchIndex(flags);

  const toggleChosen = useCallback((key: string) => {
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }, []);
  const focusSearch = () => {
    searchField.current?.focus();
    searchField.current?.select();
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
      {summaries.error === null && <LoadFailure of={usage} what="How the flags are used" />}
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
                ref={searchField}
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
              {search.unknown.length > 0 && (
                <p>
                  There is no filter {search.unknown.join(', ')}: tag:, on:, off:, is:, type:, segment: and by: are
                  known.
                </p>
              )}
              {missing.length > 0 && (
                <p>
                  Which flags are on in {missing.join(', ')} is not known: there is no such environment, or its flags
                  are not loaded.
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
