import { type ReactNode, useState } from 'react';
import { useEnvironments, useUsage } from '../../api/queries.js';
import type { FlagDocument } from '../../model/document.js';
import { snippetsFor } from '../../model/snippets.js';
import { Icon } from '../../ui/icon.js';
import { SecretView } from '../../ui/secret-view.js';
import { SnippetView } from '../../ui/snippet-view.js';

/** A step of a guide, which ticks itself: it says what shows that it is done. */
export function Step({
  title,
  done,
  children,
}: {
  readonly title: string;
  /** What has happened; absent while it has not. */
  readonly done: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <li className={done === undefined ? '' : 'done'}>
      <h2>
        {title}{' '}
        {done !== undefined && (
          <span className="done-mark" role="status">
            <Icon name="check" /> {done}
          </span>
        )}
      </h2>
      {children}
    </li>
  );
}

/** The code that asks for a flag; done when an SDK is connected. */
export function ConnectStep({
  environment,
  flag,
}: {
  readonly environment: string;
  readonly flag: Pick<FlagDocument, 'key' | 'variationType' | 'variations' | 'disabledVariationId'>;
}) {
  const details = useEnvironments().data?.find(({ key }) => key === environment);
  const [secret, setSecret] = useState<string>();
  return (
    <Step title="Connect an application" done={(details?.connections ?? 0) > 0 ? 'an SDK is connected' : undefined}>
      <SecretView environment={environment} kind="server" secret={secret} onShow={setSecret} />
      <SnippetView snippets={snippetsFor(flag, { origin: location.origin, secret: secret ?? 'THE_SERVER_SECRET' })} />
    </Step>
  );
}

/** Done when there is an evaluation of a flag, or of any. */
export function EvaluatedStep({ environment, flagKey }: { readonly environment: string; readonly flagKey?: string }) {
  const used = useUsage(environment).data?.flags;
  const isEvaluated = flagKey === undefined ? (used?.size ?? 0) > 0 : used?.has(flagKey) === true;
  return (
    <Step title="See it evaluated" done={isEvaluated ? 'evaluations have arrived' : undefined}>
      <p>Start the application: its evaluations appear here by themselves, within a second.</p>
    </Step>
  );
}
