import { type ClipboardEvent, type KeyboardEvent, useId, useState } from 'react';
import { figure } from '../model/figure.js';
import { Icon } from './icon.js';

/** Items beyond these are counted, not drawn: the whole list is edited as text where lists are long. */
const MOST_SHOWN = 60;

/** A list of short texts as chips: Enter or a comma adds, Backspace takes the last one back, a pasted list becomes items. */
export function ListInput({
  label,
  items,
  onChange,
  suggestions = [],
  placeholder = 'Add',
  names,
}: {
  readonly label: string;
  readonly items: readonly string[];
  readonly onChange: (items: readonly string[]) => void;
  readonly suggestions?: readonly string[];
  readonly placeholder?: string;
  /** What is shown in the place of an item, such as a segment's name for its id. */
  readonly names?: ReadonlyMap<string, string>;
}) {
  const [text, setText] = useState('');
  const id = useId();
  const add = (typed: readonly string[]) => {
    const fresh = typed.map((item) => item.trim()).filter((item) => item !== '');
    setText('');
    if (fresh.length > 0) onChange([...new Set([...items, ...fresh])]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isEnd = event.key === 'Enter' || event.key === ',';
    if (isEnd && text.trim() !== '') {
      event.preventDefault();
      add([text]);
    } else if (event.key === 'Backspace' && text === '' && items.length > 0) onChange(items.slice(0, -1));
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData?.getData('text') ?? '';
    if (!/[\n,;\t]/.test(pasted)) return;
    event.preventDefault();
    add(pasted.split(/[\n,;\t]+/));
  };
  const hidden = items.length - MOST_SHOWN;
  return (
    <div className="list-input" role="group" aria-label={label}>
      {items.slice(0, MOST_SHOWN).map((item) => (
        <span key={item} className="chip">
          {names?.get(item) ?? item}
          <button
            type="button"
            aria-label={`Remove ${names?.get(item) ?? item}`}
            onClick={() => onChange(items.filter((other) => other !== item))}
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
      {hidden > 0 && <span className="chip">and {figure(hidden)} more</span>}
      <input
        aria-label={`Add to ${label}`}
        autoComplete="off"
        spellCheck={false}
        list={suggestions.length > 0 ? id : undefined}
        placeholder={items.length === 0 ? placeholder : ''}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        onBlur={() => add([text])}
      />
      {suggestions.length > 0 && (
        <datalist id={id}>
          {suggestions
            .filter((item) => !items.includes(item))
            .slice(0, 200)
            .map((item) => (
              <option key={item} value={item}>
                {names?.get(item)}
              </option>
            ))}
        </datalist>
      )}
    </div>
  );
}
