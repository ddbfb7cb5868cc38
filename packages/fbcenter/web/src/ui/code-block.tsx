/** Code as it stands; it can be scrolled by keys where it is wider than its place. */
export function CodeBlock({ label, code }: { readonly label: string; readonly code: string }) {
  return (
    <div role="region" aria-label={label} tabIndex={0} className="code-block">
      <pre>
        <code>{code}</code>
      </pre>
    </div>
  );
}
