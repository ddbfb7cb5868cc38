import type { EnvironmentUsage } from '../../api/usage.js';
import { timeOf } from '../../model/time.js';
import { count } from '../../model/words.js';
import { Button, Since } from '../../ui/controls.js';

/** Unknown keys that are shown. */
const MOST_UNKNOWN = 10;

/** Keys that applications ask for and nobody has made. */
export function UnknownFlags({
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
