import { useMemo } from 'react';
import { figure } from '../../model/figure.js';
import type { FlagSummary } from '../../model/summary.js';

/** Filters and counters at once. */
export function Filters({
  flags,
  reasons,
  text,
  onText,
}: {
  readonly flags: readonly FlagSummary[];
  /** Those that are stale; `undefined` until it is known. */
  readonly reasons: ReadonlyMap<string, string> | undefined;
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
      { term: 'is:stale', label: 'Stale', number: reasons?.size },
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
          {label} <span>{number === undefined ? '…' : figure(number)}</span>
        </button>
      ))}
    </div>
  );
}
