import '../styles/audit.css';
import type { TransferBody } from '../../../src/api/transfer.js';
import { fieldsText } from '../model/audit.js';
import { count } from '../model/words.js';

type Item = TransferBody['items'][number];

/** What would be done with each item: faults first, what stays the same only counted. */
export function TransferList({ of: { items, counts } }: { readonly of: TransferBody }) {
  const shown = [...items.filter(isFaulty), ...items.filter((item) => !isFaulty(item) && item.outcome !== 'same')];
  return (
    <>
      <p role="status" className="lead">
        {counts.faulty > 0
          ? `${count(counts.faulty, 'item has', 'items have')} faults: nothing is taken until they are gone.`
          : counts.created + counts.changed === 0
            ? 'Everything is there already: there is nothing to do.'
            : `${counts.created.toLocaleString('en')} new, ${counts.changed.toLocaleString('en')} changed, ${counts.same.toLocaleString('en')} the same.`}
      </p>
      <ul className="transfer">
        {shown.slice(0, MOST).map((item) => (
          <li key={item.path} className={item.outcome}>
            <span className="transfer-what">
              <span className="quiet">{item.kind}</span> <span className="mono">{item.key || item.path}</span>
            </span>
            <span className="quiet">
              {item.outcome === 'changed' ? fieldsText(item.fields) : OUTCOMES[item.outcome]}
            </span>
            {[...item.faults, ...item.warnings].map(({ path, message }) => (
              <p key={path + message} className={isFaulty(item) ? 'problem' : 'hint'}>
                <code>{path}</code> {message}
              </p>
            ))}
          </li>
        ))}
      </ul>
      {shown.length > MOST && <p className="quiet">and {(shown.length - MOST).toLocaleString('en')} more</p>}
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
