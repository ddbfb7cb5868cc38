import { useState } from 'react';
import { calls } from '../api/session.js';
import { ChangeList } from '../editing/change-list.js';
import { type Difference, promoted, promotion } from '../model/comparison.js';
import { count } from '../model/words.js';
import { say } from '../ui/toasts.js';
import { TransferDialog } from './transfer-dialog.js';
import { TransferList } from './transfer-list.js';

/** Puts chosen flags into another environment, after a look at what that would do. */
export function PromoteDialog({
  from,
  to,
  title,
  differences,
  onClose,
}: {
  readonly from: string;
  readonly to: string;
  readonly title: string;
  readonly differences: readonly Difference[];
  readonly onClose: (isDone: boolean) => void;
}) {
  // What was asked about stays what is done, whatever is loaded meanwhile.
  const [flags] = useState(differences);
  const [withSwitch, setWithSwitch] = useState(false);
  const [withSegments, setWithSegments] = useState(true);
  const segments = [
    ...new Map(flags.flatMap((flag) => flag.segments.map((segment) => [segment.id, segment] as const))).values(),
  ];
  return (
    <TransferDialog
      title={`Promote ${count(flags.length, 'flag')}: ${title}`}
      into={to}
      verb="Promote"
      question={`${withSwitch} ${withSegments}`}
      run={(plan, comment) =>
        calls.promote(to, { from, flags: flags.map(({ key }) => key), withSegments }, { withSwitch, plan, comment })
      }
      onDone={({ counts }) => {
        onClose(true);
        say(`Promoted: ${count(counts.created + counts.changed, 'item')}, ${title}.`);
      }}
      onClose={() => onClose(false)}
      listOf={(plan) => (
        <>
          <TransferList
            of={plan}
            isSaidElsewhere={({ kind, warnings }) =>
              kind === 'flag' && warnings.length === 0 && plan.counts.faulty === 0
            }
          />
          {plan.counts.faulty === 0 && (
            <ul className="promotions">
              {flags.map((flag) => (
                <li key={flag.key}>
                  <h3>
                    <span className="mono">{flag.key}</span>
                  </h3>
                  <Promotion of={flag} withSwitch={withSwitch} />
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    >
      <fieldset className="choices">
        <legend className="visually-hidden">What goes with them</legend>
        <label>
          <input type="checkbox" checked={withSwitch} onChange={() => setWithSwitch(!withSwitch)} />
          their switch too; otherwise it stays as it is there, and new flags begin off
        </label>
        {segments.length > 0 && (
          <label>
            <input type="checkbox" checked={withSegments} onChange={() => setWithSegments(!withSegments)} />
            the segments that they ask about: {segments.map(({ name }) => name).join(', ')}
          </label>
        )}
      </fieldset>
    </TransferDialog>
  );
}

function Promotion({ of, withSwitch }: { readonly of: Difference; readonly withSwitch: boolean }) {
  const changes = promotion(of, withSwitch);
  if (changes === undefined)
    return (
      <p className="quiet">is made there, {promoted(of, withSwitch).isEnabled ? 'switched on' : 'switched off'}</p>
    );
  if (changes.length === 0)
    return (
      <p className="quiet">only the switch differs: it stays {of.target?.isEnabled ? 'on' : 'off'}, nothing changes</p>
    );
  return <ChangeList changes={changes} />;
}
