import { type ButtonHTMLAttributes, type ReactNode, useState } from 'react';
import { ago, moment } from '../model/time.js';
import { useClock } from './clock.js';
import { Icon, type IconName } from './icon.js';

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly look?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly icon?: IconName;
};

export function Button({ look = 'plain', icon, className = '', children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={`button ${look} ${className}`} {...rest}>
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that is only an icon; its name is read aloud and shown on hover. */
export function IconButton({
  icon,
  label,
  className = '',
  ...rest
}: Omit<ButtonProps, 'look'> & { readonly icon: IconName; readonly label: string }) {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}

type ToggleProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'onClick'> & {
  readonly isOn: boolean;
  readonly label: string;
  readonly onPress: () => void;
};

/** A switch that asks to be switched: it shows the state that is, not the one that was asked for. */
export function Toggle({ isOn, label, onPress, className = '', ...rest }: ToggleProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      aria-label={label}
      className={`toggle ${className}`}
      onClick={onPress}
      {...rest}
    />
  );
}

/** A label above its control, with what is wrong or worth knowing below. */
export function Field({
  label,
  hint,
  problem,
  children,
}: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly problem?: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <div className="field">
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children */}
      <label className="field">
        <span className="field-label">{label}</span>
        {children}
      </label>
      {problem === undefined ? (
        hint !== undefined && <span className="hint">{hint}</span>
      ) : (
        <span className="problem" role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}

/** A moment as the time since; the moment itself on hover. */
export function Since({ at }: { readonly at: number }) {
  return <Ago at={at} now={useClock()} />;
}

/** The same in a list, whose rows have one clock together. */
export function Ago({ at, now }: { readonly at: number; readonly now: number }) {
  return (
    <time
      dateTime={new Date(at).toISOString()}
      // Not before somebody points at it: to write a moment takes longer than to draw a row.
      onPointerEnter={({ currentTarget }) => {
        currentTarget.title = moment(at);
      }}
    >
      {ago(at, now)}
    </time>
  );
}

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <button type="button" className="button quiet small" onClick={() => void copy()}>
      <Icon name={isCopied ? 'check' : 'copy'} />
      <span aria-live="polite">{isCopied ? 'Copied' : label}</span>
    </button>
  );
}

/** What stands in the place of text that is on its way. */
export function Skeleton({ lines }: { readonly lines: number }) {
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}

/** A place without content, and what to do about it. */
export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}
