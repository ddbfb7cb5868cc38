import '../styles/audit.css';
import type { TransferBody } from '../../../src/api/transfer.js';
import { fieldsText } from '../model/audit.js';
import { figure } from '../model/figure.js';
import { count } from '../model/words.js';

type Item = TransferBody['items'][number];

/** What would be done with each item: faults first, what stays the same only counted. */
export function TransferList({
  of: { items, counts },
  isSaidElsewhere = () => false,
}: {
  readonly of: TransferBody;
  /** Whether a sound item is shown beside the list, so that it need not be in it. */
  readonly isSaidElsewhere?: (item: Item) => boolean;
}) {
  const sound = items.filter((item) => !isFaulty(item) && item.outcome !== 'same' && !isSaidElsewhere(item));
  const shown = [...items.filter(isFaulty), ...sound];
  return (
    <>
      <p role="status" className="lead">
        {counts.faulty > 0
          ? `${count(counts.faulty, 'item has', 'items have')} faults: nothing is taken until they are gone.`
          : counts.created + counts.changed === 0
            ? 'Everything is there already: there is nothing to do.'
            : `${figure(counts.created)} new, ${figure(counts.changed)} changed, ${figure(counts.same)} the same.`}
      </p>
      {shown.length > 0 && (
        <ul className="transfer">
          {shown.slice(0, MOST).map((item) => (
            <li key={item.path} className={item.outcome}>
              <span className="transfer-what">
                <span className="quiet">{item.kind}</span> <span className="mono">{item.key || item.path}</span>
              </span>
              <span className="quiet">
                {item.outcome === 'changed' ? fieldsText(item.fields, item.isEnabled) : OUTCOMES[item.outcome]}
              </span>
              {[...item.faults, ...item.warnings].map(({ path, message }) => (
                <p key={path + message} className={isFaulty(item) ? 'problem' : 'hint'}>
                  <code>{path}</code> {message}
                </p>
              ))}
            </li>
          ))}
        </ul>
      )}
      {shown.length > MOST && <p className="quiet">and {figure(shown.length - MOST)} more</p>}
    </>
  );
}

/** Nobody reads more; the counts have all of them. */
const MOST = 200;

const OUTCOMES: Readonly<Record<Item['outcome'], string>> = {
  created: 'new',
  changed: 'changed',
  same: 'the same',
  faulty: 'faults',
};

function isFaulty({ outcome }: Item): boolean {
  return outcome === 'faulty';
}
