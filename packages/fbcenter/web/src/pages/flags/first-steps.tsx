import { useState } from 'react';
import { useEnvironments, useUsage } from '../../api/queries.js';
import { SHAPES } from '../../model/shapes.js';
import { snippetsFor } from '../../model/snippets.js';
import { useMay } from '../../shell/may.js';
import { Button } from '../../ui/controls.js';
import { Icon } from '../../ui/icon.js';
import { SecretView } from '../../ui/secret-view.js';
import { SnippetView } from '../../ui/snippet-view.js';

const [SWITCH] = SHAPES;

/** What to do in an environment without flags; the last step ticks itself. */
export function FirstSteps({ environment, onCreate }: { readonly environment: string; readonly onCreate: () => void }) {
  const details = useEnvironments().data?.find(({ key }) => key === environment);
  const usage = useUsage(environment);
  const may = useMay(environment);
  const [shown, setShown] = useState<string>();
  const secret = shown ?? 'THE_SERVER_SECRET';
  const isConnected = (details?.connections ?? 0) > 0;
  const isEvaluated = (usage.data?.flags.size ?? 0) > 0;
  const flag = {
    key: 'new-checkout',
    variationType: 'boolean',
    variations: SWITCH?.variations ?? [],
    disabledVariationId: 'off',
  } as const;
  return (
    <ol className="first-steps">
      <li>
        <h2>Make a flag</h2>
        <p>It is off at first: nobody sees anything until you switch it on.</p>
        <Button
          look="primary"
          icon="plus"
          disabled={!may.edit}
          title={may.edit ? undefined : may.why}
          onClick={onCreate}
        >
          New flag
        </Button>
      </li>
      <li className={isConnected ? 'done' : ''}>
        <h2>Connect an application {isConnected && <Done>an SDK is connected</Done>}</h2>
        <SecretView environment={environment} kind="server" secret={shown} onShow={setShown} />
        <SnippetView snippets={snippetsFor(flag, { origin: location.origin, secret })} />
      </li>
      <li className={isEvaluated ? 'done' : ''}>
        <h2>See it evaluated {isEvaluated && <Done>evaluations have arrived</Done>}</h2>
        <p>Start the application: its evaluations appear here by themselves, within seconds.</p>
      </li>
    </ol>
  );
}

function Done({ children }: { readonly children: string }) {
  return (
    <span className="done-mark" role="status">
      <Icon name="check" /> {children}
    </span>
  );
}
