import { SHAPES } from '../../model/shapes.js';
import { useMay } from '../../shell/may.js';
import { Button } from '../../ui/controls.js';
import { ConnectStep, EvaluatedStep } from './steps.js';

const [SWITCH] = SHAPES;

/** What an application is shown to ask for before there is a flag. */
const EXAMPLE = {
  key: 'new-checkout',
  variationType: 'boolean',
  variations: SWITCH?.variations ?? [],
  disabledVariationId: 'off',
} as const;

/** What to do in an environment without flags; the last steps tick themselves. */
export function FirstSteps({ environment, onCreate }: { readonly environment: string; readonly onCreate: () => void }) {
  const may = useMay(environment);
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
      <ConnectStep environment={environment} flag={EXAMPLE} />
      <EvaluatedStep environment={environment} />
    </ol>
  );
}
