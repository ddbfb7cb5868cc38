import { useState } from 'react';
import type { Meeting } from '../model/parts.js';
import { count } from '../model/words.js';
import { Button } from '../ui/controls.js';
import { Dialog } from '../ui/dialog.js';
import { Notice } from '../ui/notice.js';

const WHO: Readonly<Record<Meeting['by'], string>> = {
  theirs: 'only they',
  mine: 'only you',
  'both-alike': 'both, alike',
  conflict: 'both: choose',
};

/** Two people changed the same document: what it was, what they made of it, what you made of it. */
export function MeetingDialog({
  title,
  author = 'Somebody else',
  meetings,
  problem,
  isSending,
  onSave,
  onRebase,
  onClose,
}: {
  readonly title: string;
  /** Who was quicker, if that is known. */
  readonly author: string | undefined;
  readonly meetings: readonly Meeting[];
  readonly problem: string | undefined;
  readonly isSending: boolean;
  readonly onSave: (mineWins: (id: string) => boolean) => void;
  readonly onRebase: (mineWins: (id: string) => boolean) => void;
  readonly onClose: () => void;
}) {
  const [choices, setChoices] = useState<ReadonlyMap<string, 'theirs' | 'mine'>>(new Map());
  const conflicts = meetings.filter(({ by }) => by === 'conflict');
  const open = conflicts.filter(({ id }) => !choices.has(id)).length;
  const mineWins = (id: string) => choices.get(id) !== 'theirs';
  const choose = (id: string, whose: 'theirs' | 'mine') => setChoices((before) => new Map(before).set(id, whose));
  return (
    <Dialog
      title={`${author} changed ${title}`}
      size="wide"
      onClose={onClose}
      onSubmit={() => open === 0 && onSave(mineWins)}
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button onClick={() => onRebase(mineWins)} disabled={open > 0}>
            Edit on
          </Button>
          <Button look="primary" type="submit" disabled={open > 0 || isSending}>
            Save both
          </Button>
        </>
      }
    >
      {problem !== undefined && <Notice kind="warning">{problem}</Notice>}
      <p className="lead">
        {conflicts.length === 0
          ? 'You changed different parts: both changes can stay.'
          : `You both changed ${count(conflicts.length, 'part')}: choose whose stays. Nothing is lost until you save.`}
      </p>
      <table className="meeting">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Was</th>
            <th scope="col">Theirs</th>
            <th scope="col">Mine</th>
          </tr>
        </thead>
        <tbody>
          {meetings.map(({ id, label, by, was, theirs, mine }) => (
            <tr key={id} className={by}>
              <th scope="row">
                {label}
                <span className="hint">{WHO[by]}</span>
              </th>
              <td>{said(was)}</td>
              {(['theirs', 'mine'] as const).map((whose) => {
                const text = said(whose === 'theirs' ? theirs : mine);
                const isKept = by === 'conflict' ? choices.get(id) === whose : by === 'both-alike' || by === whose;
                return (
                  <td key={whose} className={isKept ? 'kept' : ''}>
                    {by === 'conflict' ? (
                      <label>
                        <input
                          type="radio"
                          name={`keep ${id}`}
                          checked={isKept}
                          aria-label={`${label}: keep ${whose}`}
                          onChange={() => choose(id, whose)}
                        />
                        {text}
                      </label>
                    ) : (
                      text
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}

function said(text: string | undefined) {
  return text ?? <span className="none">not there</span>;
}
