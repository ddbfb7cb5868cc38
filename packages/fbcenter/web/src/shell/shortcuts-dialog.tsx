import { Dialog } from '../ui/dialog.js';

const SHORTCUTS: readonly (readonly [keys: string, what: string])[] = [
  ['Ctrl K', 'Find a flag, a segment or a page'],
  ['/', 'Go to the search of a list'],
  ['↑ ↓', 'Move in a list; Home and End go to its ends'],
  ['Enter', 'Open'],
  ['e', 'Switch the flag on or off'],
  ['x', 'Choose the flag, to change many at once'],
  ['n', 'New flag or segment'],
  ['Alt ↑ ↓', 'Move a rule'],
  ['Ctrl S', 'Look at the changes and save'],
  ['Esc', 'Close, or clear the search'],
];

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="shortcuts">
        {SHORTCUTS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
