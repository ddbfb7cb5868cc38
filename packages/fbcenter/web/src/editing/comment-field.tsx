import { Field } from '../ui/controls.js';

/** As much as the audit log keeps of one. */
const LONGEST = 1_000;

/** Why something is done, for those who wonder later. */
export function CommentField({
  value,
  onInput,
}: {
  readonly value: string;
  readonly onInput: (comment: string) => void;
}) {
  return (
    <Field label="Why (optional)">
      <input
        value={value}
        maxLength={LONGEST}
        autoComplete="off"
        placeholder="For the history: a reason, a ticket"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Field>
  );
}
