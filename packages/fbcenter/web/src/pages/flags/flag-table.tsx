import { memo } from 'react';
import type { FlagUsage } from '../../api/usage.js';
import { hrefOf } from '../../model/route.js';
import { type FlagSummary, offOf, servingOf } from '../../model/summary.js';
import { count } from '../../model/words.js';
import type { May } from '../../shell/may.js';
import { goTo } from '../../shell/navigation.js';
import { useClock } from '../../ui/clock.js';
import { Ago, Toggle } from '../../ui/controls.js';
import { Icon } from '../../ui/icon.js';
import { Link } from '../../ui/link.js';
import { useIsNarrow } from '../../ui/media.js';
import { VirtualGrid } from '../../ui/virtual-grid.js';
import type { States } from './elsewhere.js';
import { Use } from './flag-use.js';

interface FlagTableProps {
  readonly environment: string;
  readonly flags: readonly FlagSummary[];
  readonly usage: ReadonlyMap<string, FlagUsage> | undefined;
  readonly reasons: ReadonlyMap<string, string> | undefined;
  readonly elsewhere: ReadonlyMap<string, States>;
  readonly activeKey: string | undefined;
  readonly chosen: ReadonlySet<string>;
  readonly onActivate: (key: string) => void;
  readonly onChoose: (key: string) => void;
  readonly onSwitch: (flag: FlagSummary) => void;
  readonly onSearch: () => void;
  readonly may: May;
}

/** How a flag is used of which nothing was reported. */
const NEVER: FlagUsage = { count: 0 };

export function FlagTable(props: FlagTableProps) {
  const {
    environment,
    flags,
    usage,
    reasons,
    elsewhere,
    activeKey,
    chosen,
    onActivate,
    onChoose,
    onSwitch,
    onSearch,
    may,
  } = props;
  const rowHeight = useIsNarrow() ? 58 : 46;
  const hasOthers = elsewhere.size > 0;
  const now = useClock();
  return (
    <div className={`flag-table ${hasOthers ? 'with-others' : ''}`}>
      <VirtualGrid
        label="Flags"
        items={flags}
        keyOf={keyOf}
        rowHeight={rowHeight}
        columns={7}
        activeKey={activeKey}
        onActivate={onActivate}
        onLeaveTop={onSearch}
        rowClass={({ isEnabled, isArchived, key }) =>
          `${isEnabled && !isArchived ? 'is-on' : 'is-off'} ${chosen.has(key) ? 'is-chosen' : ''}`
        }
        onRowKey={(flag, event) => {
          if (event.key === 'e' && !flag.isArchived && may.edit) onSwitch(flag);
          else if (event.key === 'x') onChoose(flag.key);
          else if (event.key === 'Enter' && event.target instanceof HTMLInputElement)
            goTo({ page: 'flag', environment, key: flag.key, tab: 'targeting' });
          else return;
          event.preventDefault();
        }}
        header={
          <>
            <span role="columnheader" className="cell-choice">
              <span className="visually-hidden">Chosen</span>
            </span>
            <span role="columnheader" className="cell-switch">
              <span className="visually-hidden">Switch</span>
            </span>
            <span role="columnheader">Flag</span>
            <span role="columnheader" className="cell-serves">
              Serves
            </span>
            <span role="columnheader" className="cell-use">
              Evaluated
            </span>
            <span role="columnheader" className="cell-changed">
              Changed
            </span>
            <span role="columnheader" className="cell-others">
              {hasOthers ? 'Elsewhere' : <span className="visually-hidden">Elsewhere</span>}
            </span>
          </>
        }
        renderRow={(flag, tabIndex) => (
          <Row
            environment={environment}
            flag={flag}
            usage={usage && (usage.get(flag.key) ?? NEVER)}
            staleReason={reasons?.get(flag.key)}
            elsewhere={elsewhere}
            isChosen={chosen.has(flag.key)}
            mainTabIndex={tabIndex(true)}
            onChoose={onChoose}
            onSwitch={onSwitch}
            whyNot={may.edit ? undefined : may.why}
            now={now}
          />
        )}
      />
    </div>
  );
}

interface RowProps {
  readonly environment: string;
  readonly flag: FlagSummary;
  /** `undefined` until it is known. */
  readonly usage: FlagUsage | undefined;
  readonly staleReason: string | undefined;
  readonly elsewhere: ReadonlyMap<string, States>;
  readonly isChosen: boolean;
  readonly mainTabIndex: 0 | -1;
  readonly onChoose: (key: string) => void;
  readonly onSwitch: (flag: FlagSummary) => void;
  /** Why the flag cannot be switched, if it cannot. */
  readonly whyNot: string | undefined;
  readonly now: number;
}

const Row = memo(function Row({
  environment,
  flag,
  usage,
  staleReason,
  elsewhere,
  isChosen,
  mainTabIndex,
  onChoose,
  onSwitch,
  whyNot,
  now,
}: RowProps) {
  const { key, name, isEnabled, isArchived, tags } = flag;
  return (
    <>
      <span role="gridcell" className="cell-choice">
        <input
          type="checkbox"
          data-cell=""
          tabIndex={-1}
          checked={isChosen}
          disabled={whyNot !== undefined}
          aria-label={`Choose ${key}`}
          onChange={() => onChoose(key)}
        />
      </span>
      <span role="gridcell" className="cell-switch">
        {isArchived ? (
          <Icon name="archive" />
        ) : (
          <Toggle
            data-cell=""
            tabIndex={-1}
            isOn={isEnabled}
            label={`${key} in ${environment}`}
            disabled={whyNot !== undefined}
            title={whyNot}
            onPress={() => onSwitch(flag)}
          />
        )}
      </span>
      <span role="gridcell" className="cell-name">
        <Link
          data-cell=""
          data-main=""
          tabIndex={mainTabIndex}
          href={hrefOf({ page: 'flag', environment, key, tab: 'targeting' })}
        >
          <span className="key">{key}</span>
          {name !== key && <span className="name">{name}</span>}
        </Link>
        <span className="tags">
          {tags.slice(0, 3).map((tag) => (
            <span key={tag} className="tag">
              {tag}
            </span>
          ))}
          {tags.length > 3 && <span className="tag">+{tags.length - 3}</span>}
        </span>
      </span>
      <span role="gridcell" className="cell-serves">
        <Serves flag={flag} />
      </span>
      <span role="gridcell" className="cell-use">
        <Use usage={usage} staleReason={staleReason} now={now} />
      </span>
      <span role="gridcell" className="cell-changed">
        <Ago at={flag.version} now={now} />
        {flag.updatedBy !== undefined && <span className="by">{flag.updatedBy}</span>}
      </span>
      <span role="gridcell" className="cell-others">
        {[...elsewhere].map(([other, states]) => {
          const state = states.get(key);
          const said = state === undefined ? 'not there' : state ? 'on' : 'off';
          return (
            <span key={other} className={`other ${state === undefined ? 'absent' : said}`} title={`${other}: ${said}`}>
              {other}
              <span className="visually-hidden">: {said}</span>
            </span>
          );
        })}
      </span>
    </>
  );
});

function Serves({ flag }: { readonly flag: FlagSummary }) {
  const { isArchived, isEnabled, rules, targets } = flag;
  if (isArchived) return <span className="muted">archived</span>;
  if (!isEnabled) return <span className="muted">{offOf(flag)}</span>;
  const extra = [...(targets > 0 ? [count(targets, 'user')] : []), ...(rules > 0 ? [count(rules, 'rule')] : [])];
  const serving = servingOf(flag);
  return (
    <>
      <span className="serving" title={serving}>
        {serving}
      </span>
      {extra.length > 0 && <span className="extra">{extra.join(', ')} first</span>}
    </>
  );
}

function keyOf({ key }: FlagSummary): string {
  return key;
}
