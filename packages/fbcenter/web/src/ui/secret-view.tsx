import { Button, CopyButton } from './controls.js';

/** A secret that is in the page only after it was asked for. */
export function SecretView({
  label,
  secret,
  isShown,
  onShow,
}: {
  readonly label: string;
  readonly secret: string;
  readonly isShown: boolean;
  readonly onShow: (isShown: boolean) => void;
}) {
  return (
    <div className="secret">
      <span className="secret-label">{label}</span>
      <code>{isShown ? secret : '•'.repeat(16)}</code>
      <Button
        look="quiet"
        icon="eye"
        aria-label={`${isShown ? 'Hide' : 'Show'} the ${label.toLowerCase()}`}
        onClick={() => onShow(!isShown)}
      >
        {isShown ? 'Hide' : 'Show'}
      </Button>
      {isShown && <CopyButton text={secret} label="Copy" />}
    </div>
  );
}
