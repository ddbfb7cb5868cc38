import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { EnvironmentUsage } from '../../api/calls.js';
import { useEnvironments, useSummaries, useUsage } from '../../api/queries.js';
import { comparison, matches, readSearch, type SearchContext, type SortKey } from '../../model/search.js';
import { staleReason } from '../../model/stale.js';
import type { FlagSummary } from '../../model/summary.js';
import { timeOf } from '../../model/time.js';
import { count } from '../../model/words.js';
import { useMay } from '../../shell/may.js';
import { goTo, replaceParameters, useParameters } from '../../shell/navigation.js';
import { useShortcuts } from '../../shell/shortcuts.js';
import { useClock } from '../../ui/clock.js';
import { Button, Empty, Since, Skeleton } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { LoadFailure } from '../../ui/notice.js';
import { BulkBar } from './bulk-bar.js';
import { CreateFlagDialog } from './create-flag-dialog.js';
import { useEnabledElsewhere } from './elsewhere.js';
import { FirstSteps } from './first-steps.js';
import { FlagTable } from './flag-table.js';
import { useSearchIndex } from './search-index.js';
import { SwitchDialog } from './switch-dialog.js';

const SORTS: Readonly<Record<SortKey, string>> = { key: 'By key', changed: 'Last changed', used: 'Last evaluated' };
/** Browsers allow only so many changes of the address in a while: it follows when typing rests, in milliseconds. */
const ADDRESS_DELAY = 250;
/** Unknown keys that are shown. */
const MOST_UNKNOWN = 10;

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

/** Search, order and place stand in the address: Back brings all of them again. */
function useAddress() {
  const parameters = useParameters();
  const inAddress = parameters.get('q') ?? '';
  const [text, setText] = useState(inAddress);
  const written = useRef(inAddress);
  useEffect(() => {
    // The address changed by itself, as by Back: it decides.
    if (inAddress === written.current) return;
    written.current = inAddress;
    setText(inAddress);
  }, [inAddress]);
  useEffect(() => {
    if (text === written.current) return;
    const timer = setTimeout(() => {
      written.current = text;
      replaceParameters({ q: text });
    }, ADDRESS_DELAY);
    return () => clearTimeout(timer);
  }, [text]);

  const [active, setActive] = useState(parameters.get('at') ?? undefined);
  const activate = useCallback((key: string) => {
    setActive(key);
  }, []);
  // Written when the page is left, not with each arrow.
  const latest = useRef({ active, text });
  latest.current = { active, text };
  useEffect(() => {
    const write = () => {
      written.current = latest.current.text;
      replaceParameters({ q: latest.current.text, at: latest.current.active ?? '' });
    };
    document.addEventListener('click', write, { capture: true });
    document.addEventListener('keydown', onEnter, { capture: true });
    function onEnter(event: KeyboardEvent) {
      if (event.key === 'Enter') write();
    }
    return () => {
      document.removeEventListener('click', write, { capture: true });
      document.removeEventListener('keydown', onEnter, { capture: true });
    };
  }, []);

  const wanted = parameters.get('sort');
  const sort: SortKey = wanted === 'changed' || wanted === 'used' ? wanted : 'key';
  return { text, setText, sort, active, activate };
}

/** Keys that applications ask for and nobody has made. */
function UnknownFlags({
  unknown,
  onMake,
}: {
  readonly unknown: EnvironmentUsage['unknown'];
  readonly onMake: (key: string) => void;
}) {
  return (
    <details className="unknown">
      <summary>
        Applications ask for {unknown.length === 1 ? 'a key' : `${unknown.length} keys`} that no flag has
      </summary>
      <ul>
        {unknown.slice(0, MOST_UNKNOWN).map(({ key, count: times, lastAt }) => (
          <li key={key}>
            <code>{key}</code>
            <span className="quiet">
              {count(times, 'time')}, last <Since at={timeOf(lastAt) ?? 0} />
            </span>
            <Button look="quiet" className="small" onClick={() => onMake(key)}>
              Make {key}
            </Button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Filters and counters at once. */
function Filters({
  flags,
  reasons,
  text,
  onText,
}: {
  readonly flags: readonly FlagSummary[];
  readonly reasons: ReadonlyMap<string, string>;
  readonly text: string;
  readonly onText: (text: string) => void;
}) {
  const counts = useMemo(() => {
    const active = flags.filter(({ isArchived }) => !isArchived);
    const on = active.filter(({ isEnabled }) => isEnabled).length;
    return [
      { term: '', label: 'All', number: active.length },
      { term: 'is:on', label: 'On', number: on },
      { term: 'is:off', label: 'Off', number: active.length - on },
      { term: 'is:stale', label: 'Stale', number: reasons.size },
      { term: 'is:archived', label: 'Archived', number: flags.length - active.length },
    ];
  }, [flags, reasons]);
  const terms = text.split(/\s+/);
  const current = counts.find(({ term }) => term !== '' && terms.includes(term))?.term ?? '';
  const choose = (term: string) =>
    onText([...terms.filter((part) => !counts.some((filter) => filter.term === part)), term].join(' ').trim());
  return (
    <div className="filters" role="group" aria-label="Show">
      {counts.map(({ term, label, number }) => (
        <button key={label} type="button" aria-pressed={term === current} onClick={() => choose(term)}>
          {label} <span>{number.toLocaleString('en')}</span>
        </button>
      ))}
    </div>
  );
}

function onKeys(states: ReadonlyMap<string, boolean>): ReadonlySet<string> {
  return new Set([...states].flatMap(([key, isEnabled]) => (isEnabled ? [key] : [])));
}
