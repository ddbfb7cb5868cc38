import { lazy, Suspense, useState } from 'react';
import { colorIndex } from '../../editing/serving-editor.js';
import { type FlagDocument, labelOf, shortened, type Variation } from '../../model/document.js';
import { usesOf, valueProblem, withoutVariation } from '../../model/problems.js';
import { Button, IconButton, Skeleton } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';

const JsonEditor = lazy(() => import('../../ui/json-editor.js').then(({ JsonEditor }) => ({ default: JsonEditor })));

/** The values that a flag can have. Ids stay as they are: applications and counts know variations by them. */
export function VariationsTab({
  flag,
  onEdit,
}: {
  readonly flag: FlagDocument;
  readonly onEdit: (change: (flag: FlagDocument) => FlagDocument) => void;
}) {
  const [editing, setEditing] = useState<string>();
  const replace = (id: string, change: Partial<Variation>) =>
    onEdit((before) => ({
      ...before,
      variations: before.variations.map((variation) => (variation.id === id ? { ...variation, ...change } : variation)),
    }));
  const add = () =>
    onEdit((before) => {
      const value = { boolean: 'false', string: '', number: '0', json: '{}' }[before.variationType];
      const variation: Variation = { id: crypto.randomUUID(), name: freeName(before), value };
      return { ...before, variations: [...before.variations, variation] };
    });
  const edited = flag.variations.find(({ id }) => id === editing);
  return (
    <div className="variations">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Value ({flag.variationType})</th>
            <th scope="col">Used by</th>
            <th scope="col">
              <span className="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {flag.variations.map((variation) => {
            const { id, name = '', value } = variation;
            const uses = usesOf(flag, id);
            const problem = valueProblem(value, flag.variationType);
            const label = labelOf(flag, id);
            return (
              <tr key={id}>
                <td>
                  <span className="variation-edit">
                    <span className={`swatch v${colorIndex(flag, id)}`} aria-hidden="true" />
                    <input
                      aria-label={`Name of ${label}`}
                      value={name}
                      placeholder={label}
                      onInput={(event) => replace(id, { name: event.currentTarget.value })}
                    />
                  </span>
                </td>
                <td>
                  {flag.variationType === 'json' ? (
                    <button
                      type="button"
                      className="json-value"
                      aria-label={`Edit the JSON of ${label}`}
                      onClick={() => setEditing(id)}
                    >
                      <code>{shortened(value, 160)}</code>
                    </button>
                  ) : flag.variationType === 'boolean' ? (
                    <select
                      aria-label={`Value of ${label}`}
                      value={value.toLowerCase()}
                      onChange={(event) => replace(id, { value: event.currentTarget.value })}
                    >
                      <option value="true">true</option>
                      <option value="false">false</option>
                    </select>
                  ) : (
                    <input
                      className="mono"
                      aria-label={`Value of ${label}`}
                      inputMode={flag.variationType === 'number' ? 'decimal' : 'text'}
                      aria-invalid={problem !== undefined}
                      value={value}
                      onInput={(event) => replace(id, { value: event.currentTarget.value })}
                    />
                  )}
                  {problem !== undefined && <span className="problem">{problem}</span>}
                </td>
                <td className="quiet">{uses.length === 0 ? 'nothing' : uses.join(', ')}</td>
                <td>
                  <IconButton
                    icon="trash"
                    label={
                      uses.length === 0
                        ? `Remove ${label}`
                        : `${label} is used by ${uses.join(', ')} and cannot be removed`
                    }
                    disabled={uses.length > 0 || flag.variations.length < 2}
                    onClick={() => onEdit((before) => withoutVariation(before, id))}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <Button icon="plus" onClick={add}>
        Add a variation
      </Button>
      {edited !== undefined && (
        <JsonDialog
          title={`JSON of ${labelOf(flag, edited.id)}`}
          value={edited.value}
          onTake={(value) => replace(edited.id, { value })}
          onClose={() => setEditing(undefined)}
        />
      )}
    </div>
  );
}

function JsonDialog({
  title,
  value,
  onTake,
  onClose,
}: {
  readonly title: string;
  readonly value: string;
  readonly onTake: (value: string) => void;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState(() => formatted(value));
  const [edition, setEdition] = useState(0);
  const problem = valueProblem(text, 'json');
  const format = () => {
    setText(formatted(text));
    setEdition(edition + 1);
  };
  return (
    <Dialog
      title={title}
      size="wide"
      onClose={onClose}
      onSubmit={() => {
        if (problem !== undefined) return;
        // What only looks different is not a change.
        if (formatted(value) !== text) onTake(text);
        onClose();
      }}
      footer={
        <>
          <span className="problem" role="status">
            {problem}
          </span>
          <Button onClick={format} disabled={problem !== undefined}>
            Format
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={problem !== undefined}>
            Use this value
          </Button>
        </>
      }
    >
      <Suspense fallback={<Skeleton lines={8} />}>
        <JsonEditor key={edition} label={title} initial={text} onChange={setText} />
      </Suspense>
    </Dialog>
  );
}

function formatted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function freeName({ variations }: FlagDocument): string {
  for (let number = variations.length + 1; ; number++) {
    const name = `variation ${number}`;
    if (variations.every((variation) => variation.name !== name)) return name;
  }
}
