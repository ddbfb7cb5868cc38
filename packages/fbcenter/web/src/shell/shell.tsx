import { type ReactNode, useState } from 'react';
import type { Environment } from '../api/calls.js';
import { ApiError } from '../api/http.js';
import { useLive } from '../api/live.js';
import { useSession } from '../api/queries.js';
import { hrefOf, type Route } from '../model/route.js';
import { clockTime } from '../model/time.js';
import { Icon, type IconName } from '../ui/icon.js';
import { Link } from '../ui/link.js';
import { useCurrentInSight } from '../ui/media.js';
import type { LoadState } from '../ui/notice.js';
import { CommandPalette } from './command-palette.js';
import { EnvironmentChoice } from './environment-choice.js';
import { leave } from './leave.js';
import { useShortcuts } from './shortcuts.js';
import { ShortcutsDialog } from './shortcuts-dialog.js';
import { chooseTheme, THEME_NAMES, THEMES, type Theme, useTheme } from './theme.js';

interface ShellProps {
  readonly route: Route;
  readonly environments: readonly Environment[];
  readonly environment: string | undefined;
  readonly load: LoadState;
  readonly children: ReactNode;
}

interface Place {
  readonly route: Route;
  readonly pages: readonly Route['page'][];
  readonly icon: IconName;
  readonly label: string;
}

/** The frame around every page: where one is, where one can go, and whether the server answers. */
export function Shell({ route, environments, environment, load, children }: ShellProps) {
  useLive(environment);
  const pages = useCurrentInSight(route.page);
  const [open, setOpen] = useState<'palette' | 'shortcuts'>();
  useShortcuts({
    'Mod+k': () => setOpen('palette'),
    '?': () => setOpen('shortcuts'),
  });
  const places: Place[] = [
    ...(environment === undefined
      ? []
      : ([
          { route: { page: 'flags', environment }, pages: ['flags', 'flag'], icon: 'flag', label: 'Flags' },
          {
            route: { page: 'segments', environment },
            pages: ['segments', 'segment'],
            icon: 'people',
            label: 'Segments',
          },
          {
            route: { page: 'experiments', environment },
            pages: ['experiments', 'experiment', 'experiment-setup'],
            icon: 'flask',
            label: 'Experiments',
          },
        ] satisfies Place[])),
    ...(environment === undefined
      ? []
      : [{ route: { page: 'why', environment }, pages: ['why'], icon: 'question', label: 'Why?' } satisfies Place]),
    { route: { page: 'environments' }, pages: ['environments', 'compare'], icon: 'layers', label: 'Environments' },
    { route: { page: 'settings' }, pages: ['settings', 'webhooks'], icon: 'gear', label: 'Settings' },
  ];
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="sidebar">
        <div className="brand">
          <Link href="/" aria-label="fbcenter, to the flags">
            <span className="logo" aria-hidden="true" />
            fbcenter
          </Link>
        </div>
        <EnvironmentChoice route={route} environments={environments} environment={environment} />
        <button
          type="button"
          className="palette-button"
          onClick={() => setOpen('palette')}
          aria-keyshortcuts="Control+K"
        >
          <Icon name="search" />
          <span>Find anything</span>
          <kbd>{isMac ? '⌘K' : 'Ctrl K'}</kbd>
        </button>
        <nav ref={pages} aria-label="Pages">
          {places.map(({ route: to, pages: shown, icon, label }) => (
            <Link key={label} href={hrefOf(to)} aria-current={shown.includes(route.page) ? 'page' : undefined}>
              <Icon name={icon} />
              {label}
            </Link>
          ))}
        </nav>
        <div className="sidebar-end">
          <Connection load={load} />
          <ThemeChoice />
          <Me />
          <button type="button" className="side-action" onClick={() => void leave()}>
            <Icon name="out" />
            Sign out
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      {open === 'palette' && (
        <CommandPalette environments={environments} environment={environment} onClose={() => setOpen(undefined)} />
      )}
      {open === 'shortcuts' && <ShortcutsDialog onClose={() => setOpen(undefined)} />}
    </div>
  );
}

/** Who is signed in. */
function Me() {
  const me = useSession().data?.me;
  if (!me) return null;
  return (
    <Link className="side-action me" href={hrefOf({ page: 'settings' })} title="Your account">
      <Icon name="person" />
      <span>
        <span className="visually-hidden">Signed in as </span>
        {me.name}
      </span>
    </Link>
  );
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

function Connection({ load: { error, dataUpdatedAt } }: { readonly load: LoadState }) {
  const isDown = error instanceof ApiError && (error.kind === 'offline' || error.kind === 'unavailable');
  const since = isDown && dataUpdatedAt > 0 ? ` since ${clockTime(dataUpdatedAt)}` : '';
  return (
    <p className={`connection ${isDown ? 'down' : 'up'}`} role="status">
      <span className="dot" aria-hidden="true" />
      {isDown ? `No connection${since}` : 'Connected'}
    </p>
  );
}

function ThemeChoice() {
  const theme = useTheme();
  return (
    <label className="side-action theme-choice">
      <Icon name="contrast" />
      <span className="visually-hidden">Theme</span>
      <select value={theme} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {THEME_NAMES[name]}
          </option>
        ))}
      </select>
    </label>
  );
}
