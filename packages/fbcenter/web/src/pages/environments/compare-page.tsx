import { useMemo, useState } from 'react';
import { useAllDocuments, useEnvironments } from '../../api/queries.js';
import { changeInShort, type Difference, differencesBetween, onlyIn } from '../../model/comparison.js';
import { hrefOf } from '../../model/route.js';
import { count } from '../../model/words.js';
import { useMay } from '../../shell/may.js';
import { replaceParameters, useParameters } from '../../shell/navigation.js';
import { unpack } from '../../transfer/carried.js';
import { PromoteDialog } from '../../transfer/promote-dialog.js';
import { Button, Empty, Skeleton } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Icon } from '../../ui/icon.js';
import { Link } from '../../ui/link.js';
import { LoadFailure } from '../../ui/notice.js';

/** Two environments flag by flag, and chosen flags promoted from one to the other. */
export function ComparePage() {
  const environments = useEnvironments().data ?? [];
  const parameters = useParameters();
  const from = parameters.get('from') ?? environments[1]?.key ?? '';
  const to = parameters.get('to') ?? environments.find(({ key }) => key !== from)?.key ?? '';
  const may = useMay(to);
  const source = useAllDocuments(from);
  const target = useAllDocuments(to);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(unpack(from)));
  const [isAsking, setAsking] = useState(false);
  const nameOf = (key: string) => environments.find((environment) => environment.key === key)?.name ?? key;
  const differences = useMemo(
    () =>
      source.data === undefined || target.data === undefined ? undefined : differencesBetween(source.data, target.data),
    [source.data, target.data],
  );
  const others = source.data === undefined || target.data === undefined ? [] : onlyIn(target.data, source.data);
  const selected = (differences ?? []).filter(({ key }) => chosen.has(key));
  const choose = (keys: readonly string[]) => setChosen(new Set(keys));
  const turn = (names: { from?: string; to?: string }) => {
    // The same flags can be carried to another environment, but not from one.
    if (names.from !== undefined) choose([]);
    replaceParameters(names);
  };
  const pick = (label: string, value: string, except: string, name: 'from' | 'to') => (
    <label className="inline">
      <span>{label}</span>
      <select value={value} onChange={(event) => turn({ [name]: event.currentTarget.value })}>
        {environments.map(({ key, name: title }) => (
          <option key={key} value={key} disabled={key === except}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div className="page">
      <Link className="back" href={hrefOf({ page: 'environments' })}>
        <Icon name="back" /> Environments
      </Link>
      <div className="page-head">
        <Heading title="Compare and promote" />
      </div>
      {environments.length < 2 ? (
        <Empty icon="compare" title="There is only one environment">
          <p>Make a second one to carry flags from one to the other.</p>
        </Empty>
      ) : (
        <>
          <div className="compare-bar">
            {pick('from', from, to, 'from')}
            <Button
              icon="compare"
              onClick={() => turn({ from: to, to: from })}
              aria-label="Swap the two environments"
              title="Swap the two environments"
            />
            {pick('to', to, from, 'to')}
            <p className="found" role="status">
              {differences !== undefined &&
                (differences.length === 0
                  ? 'no difference'
                  : `${count(differences.length, 'flag differs', 'flags differ')}`)}
              {differences !== undefined &&
                chosen.size > selected.length &&
                `; ${chosen.size - selected.length} of the chosen are the same there`}
            </p>
          </div>
          <LoadFailure of={source} what={`The flags of ${nameOf(from)}`} />
          <LoadFailure of={target} what={`The flags of ${nameOf(to)}`} />
          {differences === undefined ? (
            source.error === null && target.error === null && <Skeleton lines={8} />
          ) : differences.length === 0 ? (
            <Empty icon="check" title={`Every flag of ${nameOf(from)} is the same in ${nameOf(to)}`} />
          ) : (
            <DifferenceTable differences={differences} chosen={chosen} onChoose={choose} to={nameOf(to)} />
          )}
          {others.length > 0 && (
            <p className="hint">
              Only in {nameOf(to)}: {others.slice(0, 12).join(', ')}
              {others.length > 12 && ` and ${others.length - 12} more`}. Promoting leaves them as they are.
            </p>
          )}
        </>
      )}
      {selected.length > 0 && (
        <section className="save-bar" aria-label="Chosen flags">
          <p>
            <strong>{count(selected.length, 'flag')}</strong> chosen
          </p>
          <Button onClick={() => choose([])}>Clear</Button>
          <Button
            look="primary"
            disabled={!may.edit}
            title={may.edit ? undefined : may.why}
            onClick={() => setAsking(true)}
          >
            Review and promote to {nameOf(to)}
          </Button>
        </section>
      )}
      {isAsking && (
        <PromoteDialog
          from={from}
          to={to}
          title={`${nameOf(from)} → ${nameOf(to)}`}
          differences={selected}
          onClose={(isDone) => {
            setAsking(false);
            if (isDone) choose([]);
          }}
        />
      )}
    </div>
  );
}

function DifferenceTable({
  differences,
  chosen,
  onChoose,
  to,
}: {
  readonly differences: readonly Difference[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (keys: readonly string[]) => void;
  readonly to: string;
}) {
  const isAll = differences.every(({ key }) => chosen.has(key));
  return (
    <table className="list compare">
      <thead>
        <tr>
          <th scope="col">
            <input
              type="checkbox"
              aria-label="Choose all"
              checked={isAll}
              onChange={() => onChoose(isAll ? [] : differences.map(({ key }) => key))}
            />
          </th>
          <th scope="col">Flag</th>
          <th scope="col">What would change in {to}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map(({ key, target, changes, segments }) => (
          <tr key={key}>
            <td>
              <input
                type="checkbox"
                aria-label={`Choose ${key}`}
                checked={chosen.has(key)}
                onChange={() =>
                  onChoose(chosen.has(key) ? [...chosen].filter((other) => other !== key) : [...chosen, key])
                }
              />
            </td>
            <td className="mono">{key}</td>
            <td>
              {target === undefined ? (
                <>
                  <strong>new</strong>, begins off
                </>
              ) : (
                <ul>
                  {changes.map((change) => (
                    <li key={change.id}>{changeInShort(change)}</li>
                  ))}
                </ul>
              )}
              {segments.length > 0 && (
                <span className="quiet">
                  asks about {segments.map(({ name }) => name).join(', ')}, not the same there
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
