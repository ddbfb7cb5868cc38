import { useState } from 'react';
import type { Snippet } from '../model/snippets.js';
import { CodeBlock } from './code-block.js';
import { CopyButton } from './controls.js';

/** Code in several languages, one at a time. */
export function SnippetView({ snippets }: { readonly snippets: readonly Snippet[] }) {
  const [language, setLanguage] = useState(snippets[0]?.language);
  const shown = snippets.find((snippet) => snippet.language === language) ?? snippets[0];
  if (shown === undefined) return null;
  return (
    <div className="snippet">
      <div className="snippet-head">
        <div className="filters" role="group" aria-label="Language">
          {snippets.map((snippet) => (
            <button
              key={snippet.language}
              type="button"
              aria-pressed={snippet === shown}
              onClick={() => setLanguage(snippet.language)}
            >
              {snippet.language}
            </button>
          ))}
        </div>
        <CopyButton text={shown.code} label="Copy" />
      </div>
      <CodeBlock label={`${shown.language} code`} code={shown.code} />
    </div>
  );
}
