import type { Change } from '../model/parts.js';

/** Changes as "before → after". */
export function ChangeList({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <ul className="changes">
      {changes.map(({ id, label, before, after }) => (
        <li key={id}>
          <span className="change-label">{label}</span>
          <span className="change-values">
            {before === undefined ? <span className="none">not there</span> : <del>{before}</del>}
            <span aria-hidden="true">→</span>
            {after === undefined ? <span className="none">removed</span> : <ins>{after}</ins>}
          </span>
        </li>
      ))}
    </ul>
  );
}
