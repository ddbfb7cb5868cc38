import type { SettingsSection } from '../model/route.js';
import { Heading } from '../ui/heading.js';

export function SettingsPage({ section }: { readonly section: SettingsSection }) {
  return (
    <div className="page">
      <Heading title="Settings">Settings: {section}</Heading>
    </div>
  );
}
