import type { FlagDocument } from '../../model/document.js';
import { moment, timeOf } from '../../model/time.js';

/** What happened to a flag. */
export function HistoryTab({ flag }: { readonly environment: string; readonly flag: FlagDocument }) {
  const at = timeOf(flag.updatedAt);
  return (
    <div className="history">
      {at !== undefined && (
        <p>
          Last changed {moment(at)}
          {flag.updatorId && ` by ${flag.updatorId}`}.
        </p>
      )}
    </div>
  );
}
