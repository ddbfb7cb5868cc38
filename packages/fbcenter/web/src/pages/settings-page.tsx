import { hrefOf } from '../model/route.js';
import { leave } from '../shell/leave.js';
import { chooseTheme, THEME_NAMES, THEMES, useTheme } from '../shell/theme.js';
import { Button } from '../ui/controls.js';
import { Heading } from '../ui/heading.js';
import { Link } from '../ui/link.js';

export function SettingsPage() {
  const theme = useTheme();
  return (
    <div className="page">
      <Heading title="Settings" />
      <div className="targeting">
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
        <section className="step" aria-labelledby="step-audit">
          <h2 id="step-audit">Audit log</h2>
          <div className="step-body">
            <p>Who did what, when, and why: every change of the center is written down.</p>
            <Link className="button plain" href={hrefOf({ page: 'audit' })}>
              Open the audit log
            </Link>
          </div>
        </section>
        <section className="step" aria-labelledby="step-session">
          <h2 id="step-session">Signed in</h2>
          <div className="step-body">
            <p>with the access token of the center, in this tab only. Closing the tab forgets it.</p>
            <Button icon="out" onClick={leave}>
              Sign out
            </Button>
          </div>
        </section>
      </div>
    </div>
  );
}
