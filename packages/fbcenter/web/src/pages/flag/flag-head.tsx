import type { Versioned } from '../../api/http.js';
import { calls } from '../../api/session.js';
import type { FlagDocument } from '../../model/document.js';
import type { May } from '../../shell/may.js';
import { Button, CopyButton, Toggle } from '../../ui/controls.js';
import { Heading } from '../../ui/heading.js';
import { Menu } from '../../ui/menu.js';
import { complain, say } from '../../ui/toasts.js';

/** The key of the flag, its switch, and what can be done with it as a whole. */
export function FlagHead({
  environment,
  place,
  latest,
  may,
  onSwitch,
  onChanged,
}: {
  readonly environment: string;
  /** The name of the environment. */
  readonly place: string;
  readonly latest: Versioned<FlagDocument>;
  readonly may: May;
  /** The switch was pressed. */
  readonly onSwitch: () => void;
  /** The flag was archived or restored. */
  readonly onChanged: (answer: Versioned<FlagDocument>) => void;
}) {
  const { key, isEnabled, isArchived } = latest.data;
  const archive = async (wanted: boolean, version: number) => {
    try {
      const answer = await calls.archiveFlag(environment, key, wanted, version);
      onChanged(answer);
      if (wanted)
        say(`${key} is archived in ${place}: applications get their default.`, {
          label: 'Undo',
          onPress: () => void archive(false, answer.version),
        });
      else say(`${key} is back in ${place}.`);
    } catch (error) {
      complain(`${key} was not ${wanted ? 'archived' : 'restored'}`, error);
    }
  };
  const restore = () => void archive(false, latest.version);
  return (
    <div className="page-head flag-head">
      <div className="flag-title">
        <Heading title={key}>
          <span className="mono">{key}</span>
        </Heading>
        <CopyButton text={key} label="Copy key" />
      </div>
      <div className="flag-actions">
        {isArchived ? (
          <Button icon="archive" disabled={!may.edit} onClick={restore}>
            Restore
          </Button>
        ) : (
          <div className="flag-switch">
            <span aria-hidden="true">
              {isEnabled ? 'On' : 'Off'} in <strong>{place}</strong>
            </span>
            <Toggle
              isOn={isEnabled}
              label={`${key} in ${place}`}
              onPress={onSwitch}
              disabled={!may.edit}
              title={may.edit ? undefined : may.why}
              aria-keyshortcuts="e"
            />
          </div>
        )}
        {may.edit && (
          <Menu
            label="More actions"
            items={[
              isArchived
                ? { label: 'Restore', icon: 'archive', onPress: restore }
                : {
                    label: 'Archive',
                    icon: 'archive',
                    isDanger: true,
                    onPress: () => void archive(true, latest.version),
                  },
            ]}
          />
        )}
      </div>
    </div>
  );
}
