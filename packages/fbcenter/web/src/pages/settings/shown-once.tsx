import { Button, CopyButton } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';

/** A credential that nobody can show again. */
export function ShownOnce({
  title,
  text,
  hint,
  command,
  onClose,
}: {
  readonly title: string;
  readonly text: string;
  readonly hint: string;
  /** How it is used, for a terminal. */
  readonly command?: string;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      title={title}
      size="medium"
      onClose={onClose}
      onSubmit={onClose}
      footer={
        <Button look="primary" type="submit">
          Done
        </Button>
      }
    >
      <p>{hint}</p>
      <p className="shown-once">
        <code>{text}</code>
        <CopyButton text={text} label="Copy" />
      </p>
      {command !== undefined && (
        <p className="shown-once">
          <code>{command}</code>
          <CopyButton text={command} label="Copy the command" />
        </p>
      )}
    </Dialog>
  );
}
