import '../../styles/settings.css';
import { hrefOf } from '../../model/route.js';
import { useIsAdmin } from '../../shell/may.js';
import { chooseTheme, THEME_NAMES, THEMES, useTheme } from '../../shell/theme.js';
import { Heading } from '../../ui/heading.js';
import { Link } from '../../ui/link.js';
import { AccountSection } from './account-section.js';
import { TokensSection } from './tokens-section.js';
import { UsersSection } from './users-section.js';
import { WebhooksSection } from './webhooks-section.js';

export function SettingsPage() {
  const theme = useTheme();
  const isAdmin = useIsAdmin();
  return (
    <div className="page">
      <Heading title="Settings" />
      <div className="targeting">
        <AccountSection />
        {isAdmin && (
          <>
            <UsersSection />
            <TokensSection />
            <section className="step" aria-labelledby="step-audit">
              <h2 id="step-audit">Audit log</h2>
              <div className="step-body">
                <p>Who did what, when, and why: every change of the center is written down.</p>
                <Link className="button plain" href={hrefOf({ page: 'audit' })}>
                  Open the audit log
                </Link>
              </div>
            </section>
          </>
        )}
        <WebhooksSection />
        <section className="step" aria-labelledby="step-look">
          <h2 id="step-look">Look</h2>
          <fieldset className="step-body choices">
            <legend className="visually-hidden">Theme</legend>
            {THEMES.map((name) => (
              <label key={name}>
                <input type="radio" name="theme" checked={name === theme} onChange={() => chooseTheme(name)} />
                {THEME_NAMES[name]}
              </label>
            ))}
          </fieldset>
        </section>
      </div>
    </div>
  );
}
