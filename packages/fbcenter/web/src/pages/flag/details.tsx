import { useState } from 'react';
import type { FlagDocument } from '../../model/document.js';
import { timeOf } from '../../model/time.js';
import { IconButton, Since } from '../../ui/controls.js';
import { ListInput } from '../../ui/list-input.js';

/** Name, description and tags: text until somebody wants to change it. */
export function Details({
  flag,
  onEdit,
}: {
  readonly flag: FlagDocument;
  readonly onEdit: (change: (flag: FlagDocument) => FlagDocument) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const changedAt = timeOf(flag.updatedAt);
  if (!isOpen) {
    return (
      <div className="details">
        <p>
          {flag.name !== flag.key && <strong>{flag.name}</strong>}
          {flag.description && <span>{flag.description}</span>}
          {flag.tags.map((tag) => (
            <span key={tag} className="tag">
              {tag}
            </span>
          ))}
          <span className="quiet">{flag.variationType}</span>
          {changedAt !== undefined && (
            <span className="quiet">
              changed <Since at={changedAt} />
              {flag.updatorId && ` by ${flag.updatorId}`}
            </span>
          )}
          <IconButton icon="pencil" label="Edit name, description and tags" onClick={() => setOpen(true)} />
        </p>
      </div>
    );
  }
  return (
    <div className="details open">
      <label className="field">
        <span className="field-label">Name</span>
        <input
          value={flag.name}
          onInput={({ currentTarget: { value } }) => onEdit((before) => ({ ...before, name: value }))}
        />
      </label>
      <label className="field">
        <span className="field-label">Description</span>
        <input
          value={flag.description ?? ''}
          placeholder="What it is for, and when it can go"
          onInput={({ currentTarget: { value } }) => onEdit((before) => ({ ...before, description: value }))}
        />
      </label>
      <div className="field">
        <span className="field-label">Tags</span>
        <ListInput label="Tags" items={flag.tags} onChange={(tags) => onEdit((before) => ({ ...before, tags }))} />
      </div>
      <IconButton icon="check" label="Done with name, description and tags" onClick={() => setOpen(false)} />
    </div>
  );
}
