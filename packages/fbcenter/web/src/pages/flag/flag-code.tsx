import { useState } from 'react';
import type { FlagDocument } from '../../model/document.js';
import { snippetsFor } from '../../model/snippets.js';
import { SecretView } from '../../ui/secret-view.js';
import { SnippetView } from '../../ui/snippet-view.js';

/** How an application asks for this flag. */
export function FlagCode({ environment, flag }: { readonly environment: string; readonly flag: FlagDocument }) {
  const [secret, setSecret] = useState<string>();
  return (
    <div className="code-tab">
      <SecretView environment={environment} kind="server" secret={secret} onShow={setSecret} />
      <SnippetView snippets={snippetsFor(flag, { origin: location.origin, secret: secret ?? 'THE_SERVER_SECRET' })} />
    </div>
  );
}
