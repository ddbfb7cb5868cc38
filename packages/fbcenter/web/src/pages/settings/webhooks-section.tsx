import { useEnvironments } from '../../api/queries.js';
import { hrefOf } from '../../model/route.js';
import { Link } from '../../ui/link.js';

/** Where webhooks are: each environment has its own. */
export function WebhooksSection() {
  const ruled = (useEnvironments().data ?? []).filter(({ role }) => role === 'admin');
  return (
    <section className="step" aria-labelledby="step-webhooks">
      <h2 id="step-webhooks">Webhooks</h2>
      <div className="step-body">
        <p>Addresses that are sent what happens in an environment: a chat, a pipeline, an alert.</p>
        {ruled.length === 0 ? (
          <p className="quiet">Admins of an environment see and make its webhooks, and you are admin of none.</p>
        ) : (
          <ul className="rows" aria-label="Webhooks by environment">
            {ruled.map(({ key, name }) => (
              <li key={key}>
                <span className="row-main">
                  <strong>{name}</strong>
                  {name !== key && <code>{key}</code>}
                </span>
                <Link
                  className="button quiet"
                  aria-label={`Webhooks of ${name}`}
                  href={hrefOf({ page: 'webhooks', environment: key })}
                >
                  Webhooks
                </Link>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
