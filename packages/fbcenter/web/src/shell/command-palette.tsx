import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import type { Environment } from '../api/calls.js';
import { useSegments, useSummaries } from '../api/queries.js';
import type { Route } from '../model/route.js';
import { matches, readSearch } from '../model/search.js';
import { Dialog } from '../ui/dialog.js';
import { Icon, type IconName } from '../ui/icon.js';
import { useIsAdmin } from './may.js';
import { goTo } from './navigation.js';

interface Hit {
  readonly id: string;
  readonly icon: IconName;
  readonly title: string;
  readonly hint: string;
  readonly route: Route;
}

const MOST = 12;

/** Ctrl+K: letters find a flag, a segment or a page; Enter goes there. */
export function CommandPalette({
  environments,
  environment,
  onClose,
}: {
  readonly environments: readonly Environment[];
  readonly environment: string | undefined;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const hits = useHits(text, environments, environment);
  const chosen = Math.min(at, hits.length - 1);

  const go = (hit: Hit | undefined) => {
    if (hit === undefined) return;
    onClose();
    goTo(hit.route);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || hits.length === 0) return;
    event.preventDefault();
    const next = (chosen + step + hits.length) % hits.length;
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <Dialog title="Find anything" size="medium" onClose={onClose} onSubmit={() => go(hits[chosen])}>
      <input
        data-autofocus
        type="search"
        className="palette-input"
        role="combobox"
        aria-label="Find a flag, a segment or a page"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={hits.length > 0 ? `${id}-${chosen}` : undefined}
        placeholder="Flag, segment, environment or page"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div ref={list} id={`${id}-list`} role="listbox" aria-label="Found" className="palette-list">
        {hits.map((hit, index) => (
          <div
            key={hit.id}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onMouseMove={() => setAt(index)}
            onClick={() => go(hit)}
            onKeyDown={undefined}
          >
            <Icon name={hit.icon} />
            <span className="palette-title">{hit.title}</span>
            <span className="palette-hint">{hit.hint}</span>
          </div>
        ))}
      </div>
      {hits.length === 0 && <p className="hint">Nothing of this name.</p>}
    </Dialog>
  );
}

function useHits(text: string, environments: readonly Environment[], environment: string | undefined): readonly Hit[] {
  const flags = useSummaries(environment ?? '', environment !== undefined).data;
  const segments = useSegments(environment ?? '', environment !== undefined).data;
  const isAdmin = useIsAdmin();
  return useMemo(() => {
    const wanted = text.trim().toLowerCase();
    const has = (...texts: readonly string[]) =>
      wanted.split(/\s+/).every((word) => texts.join(' ').toLowerCase().includes(word));
    const search = readSearch(text);
    const context = { enabledIn: new Map(), isStale: () => false };
    const foundFlags = environment === undefined ? [] : (flags ?? []).filter((flag) => matches(search, flag, context));
    // A key that begins with what was typed is what was meant.
    const rank = (key: string) => (key.toLowerCase() === wanted ? 0 : key.toLowerCase().startsWith(wanted) ? 1 : 2);
    const best = wanted === '' ? foundFlags.slice(0, 6) : foundFlags.sort((a, b) => rank(a.key) - rank(b.key));
    const hits: Hit[] = [
      ...best.slice(0, MOST).map(
        ({ key, name, isEnabled }): Hit => ({
          id: `flag ${key}`,
          icon: 'flag',
          title: key,
          hint: [isEnabled ? 'on' : 'off', ...(name === key ? [] : [name])].join(' · '),
          route: { page: 'flag', environment: environment ?? '', key, tab: 'targeting' },
        }),
      ),
      ...(segments ?? [])
        .filter((segment) => !segment.isArchived && has(segment.id, segment.name))
        .map(
          ({ id, name }): Hit => ({
            id: `segment ${id}`,
            icon: 'people',
            title: name,
            hint: 'segment',
            route: { page: 'segment', environment: environment ?? '', id },
          }),
        ),
      ...pagesOf(environments, environment, isAdmin).filter(({ title, hint }) => has(title, hint)),
    ];
    return hits.slice(0, MOST);
  }, [text, flags, segments, environments, environment, isAdmin]);
}

function pagesOf(
  environments: readonly Environment[],
  environment: string | undefined,
  isAdmin: boolean,
): readonly Hit[] {
  const page = (title: string, icon: IconName, route: Route): Hit => ({ id: title, icon, title, hint: 'page', route });
  const inside: readonly Hit[] =
    environment === undefined
      ? []
      : [
          page('Segments', 'people', { page: 'segments', environment }),
          page('Experiments', 'flask', { page: 'experiments', environment }),
          page('Why?', 'question', { page: 'why', environment }),
          ...(environments.find(({ key }) => key === environment)?.role === 'admin'
            ? [page('Webhooks', 'out', { page: 'webhooks', environment })]
            : []),
        ];
  return [
    ...inside,
    page('Environments', 'layers', { page: 'environments' }),
    page('Settings', 'gear', { page: 'settings' }),
    page('Compare and promote', 'compare', { page: 'compare' }),
    ...(isAdmin ? [page('Audit log', 'archive', { page: 'audit' })] : []),
    ...environments.map(
      ({ key, name }): Hit => ({
        id: `environment ${key}`,
        icon: 'layers',
        title: name,
        hint: 'environment',
        route: { page: 'flags', environment: key },
      }),
    ),
  ];
}
