import { useState } from 'react';
import { useEnvironments } from '../../api/queries.js';
import type { FlagDocument } from '../../model/document.js';
import { snippetsFor } from '../../model/snippets.js';
import { SecretView } from '../../ui/secret-view.js';
import { SnippetView } from '../../ui/snippet-view.js';

/** How an application asks for this flag. */
export function FlagCode({ environment, flag }: { readonly environment: string; readonly flag: FlagDocument }) {
  const secret = useEnvironments().data?.find(({ key }) => key === environment)?.serverSecret ?? '';
  const [isShown, setShown] = useState(false);
  return (
    <div className="code-tab">
      <SecretView label="Server secret" secret={secret} isShown={isShown} onShow={setShown} />
      <SnippetView
        snippets={snippetsFor(flag, { origin: location.origin, secret: isShown ? secret : 'THE_SERVER_SECRET' })}
      />
    </div>
  );
}
