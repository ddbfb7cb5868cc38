import { useRef } from 'react';
import { useUsage } from '../../api/queries.js';
import type { FlagDocument } from '../../model/document.js';
import { ConnectStep, EvaluatedStep, Step } from '../flags/steps.js';

/** How an application comes to ask for a flag that none has asked for. Once begun, it stays to show its last tick. */
export function FlagGuide({ environment, flag }: { readonly environment: string; readonly flag: FlagDocument }) {
  const used = useUsage(environment).data?.flags;
  const isBegun = useRef(false);
  if (used?.has(flag.key) === false) isBegun.current = true;
  if (!isBegun.current || flag.isArchived) return null;
  return (
    <details className="guide">
      <summary>
        {used?.has(flag.key)
          ? 'An application has asked for this flag'
          : 'No application has asked for this flag yet: three steps'}
      </summary>
      <ol className="first-steps">
        <ConnectStep environment={environment} flag={flag} />
        <Step title="Switch it on" done={flag.isEnabled ? 'it is on' : undefined}>
          <p>The switch is at the top of this page. Until then everybody gets the value of a flag that is off.</p>
        </Step>
        <EvaluatedStep environment={environment} flagKey={flag.key} />
      </ol>
    </details>
  );
}
