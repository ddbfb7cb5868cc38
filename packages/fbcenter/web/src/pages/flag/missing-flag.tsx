import type { ReactNode } from 'react';
import { useEnvironments } from '../../api/queries.js';
import { hrefOf } from '../../model/route.js';
import { Empty } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Link } from '../../ui/link.js';

/** The flag is not in this environment: it may be in another one. */
export function MissingFlag({
  environment,
  flagKey,
  back,
}: {
  readonly environment: string;
  readonly flagKey: string;
  readonly back: ReactNode;
}) {
  const environments = useEnvironments().data ?? [];
  const others = environments.filter(({ key }) => key !== environment);
  return (
    <div className="page">
      {back}
      <Heading title={flagKey}>
        <span className="mono">{flagKey}</span>
      </Heading>
      <Empty
        icon="flag"
        title={`This flag is not in ${environments.find(({ key }) => key === environment)?.name ?? environment}`}
      >
        {others.length > 0 && (
          <p>
            Look in{' '}
            {others.map(({ key, name }, index) => (
              <span key={key}>
                {index > 0 && ', '}
                <Link href={hrefOf({ page: 'flag', environment: key, key: flagKey, tab: 'targeting' })}>{name}</Link>
              </span>
            ))}
          </p>
        )}
      </Empty>
    </div>
  );
}
