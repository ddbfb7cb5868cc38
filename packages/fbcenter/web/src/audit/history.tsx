import '../styles/audit.css';
import { useState } from 'react';
import type { AuditEntryBody } from '../../../src/api/audit.js';
import type { DocumentKind } from '../api/calls.js';
import type { Versioned } from '../api/http.js';
import { calls } from '../api/session.js';
import { ChangeList } from '../editing/change-list.js';
import { doneText, fieldsText } from '../model/audit.js';
import type { FlagDocument, SegmentDocument } from '../model/document.js';
import { flagParts, segmentParts } from '../model/document-parts.js';
import { changesBetween, type PartsOf } from '../model/parts.js';
import { moment } from '../model/time.js';
import { useMay } from '../shell/may.js';
import { Button, Since, Skeleton } from '../ui/controls.js';
import { LoadFailure } from '../ui/notice.js';
import { useEntries } from './entries.js';
import { OlderButton } from './older-button.js';
import { PutBackDialog } from './put-back-dialog.js';
import { useVersion } from './version.js';

interface HistoryProps<D> {
  readonly environment: string;
  readonly kind: DocumentKind;
  readonly documentKey: string;
  readonly latest: Versioned<D>;
  readonly partsOf: PartsOf<D>;
  readonly onPutBack: (answer: Versioned<D>) => void;
}

type HistoryOf<D> = Pick<HistoryProps<D>, 'environment' | 'latest' | 'onPutBack'>;

export function FlagHistory(props: HistoryOf<FlagDocument>) {
  return <History {...props} kind="flag" documentKey={props.latest.data.key} partsOf={flagParts} />;
}

export function SegmentHistory(props: HistoryOf<SegmentDocument>) {
  return <History {...props} kind="segment" documentKey={props.latest.data.id} partsOf={segmentParts} />;
}

/** The versions of a flag or segment: who made them and why, what each changed, and a way back to it. */
function History<D>({ environment, kind, documentKey, latest, partsOf, onPutBack }: HistoryProps<D>) {
  const may = useMay(environment);
  const [open, setOpen] = useState<number>();
  const [putting, setPutting] = useState<AuditEntryBody>();
  const entries = useEntries(['env', environment, 'history', kind, documentKey, latest.version], (after, signal) =>
    calls.history(environment, kind, documentKey, after, signal),
  );
  return (
    <div className="history">
      <LoadFailure of={entries.first} what="The history" />
      {entries.items === undefined ? (
        entries.first.error === null && <Skeleton lines={6} />
      ) : entries.items.length === 0 ? (
        <p className="quiet">Nothing is written down of it yet: its history begins with the next change.</p>
      ) : (
        <ol>
          {entries.items.map((entry) => (
            <li key={entry.id}>
              <div className="entry">
                <span className="entry-what">
                  <strong>{entry.actor.name}</strong> {doneText(entry)} it
                  {entry.source !== null && <span className="quiet"> ({entry.source})</span>}
                  {entry.fields.length > 0 && entry.action !== 'create' && (
                    <span className="quiet"> · {fieldsText(entry.fields)}</span>
                  )}
                  {entry.comment !== null && <q className="entry-why">{entry.comment}</q>}
                </span>
                <span className="quiet">
                  <Since at={Date.parse(entry.at)} />
                </span>
                <span className="entry-actions">
                  {entry.version !== null && entry.beforeVersion !== null && (
                    <Button
                      look="quiet"
                      aria-expanded={open === entry.id}
                      aria-label={`Show what changed ${moment(Date.parse(entry.at))}`}
                      onClick={() => setOpen(open === entry.id ? undefined : entry.id)}
                    >
                      Changes
                    </Button>
                  )}
                  {may.edit && entry.version !== null && entry.version !== latest.version && (
                    <Button
                      look="quiet"
                      aria-label={`Put back the version of ${moment(Date.parse(entry.at))}`}
                      onClick={() => setPutting(entry)}
                    >
                      Put back
                    </Button>
                  )}
                </span>
              </div>
              {open === entry.id && entry.version !== null && entry.beforeVersion !== null && (
                <Changes
                  environment={environment}
                  kind={kind}
                  documentKey={documentKey}
                  from={entry.beforeVersion}
                  to={entry.version}
                  partsOf={partsOf}
                />
              )}
            </li>
          ))}
        </ol>
      )}
      <OlderButton of={entries} />
      {putting?.version != null && (
        <PutBackDialog
          environment={environment}
          kind={kind}
          documentKey={documentKey}
          version={putting.version}
          made={`${moment(Date.parse(putting.at))} by ${putting.actor.name}`}
          latest={latest}
          partsOf={partsOf}
          onDone={onPutBack}
          onClose={() => setPutting(undefined)}
        />
      )}
    </div>
  );
}

function Changes<D>({
  environment,
  kind,
  documentKey,
  from,
  to,
  partsOf,
}: Pick<HistoryProps<D>, 'environment' | 'kind' | 'documentKey' | 'partsOf'> & {
  readonly from: number;
  readonly to: number;
}) {
  const before = useVersion<D>(environment, kind, documentKey, from);
  const after = useVersion<D>(environment, kind, documentKey, to);
  if (before.data === undefined || after.data === undefined) {
    return (
      <>
        <LoadFailure of={before.error === null ? after : before} what="The version" />
        {before.error === null && after.error === null && <Skeleton lines={2} />}
      </>
    );
  }
  const changes = changesBetween(partsOf, before.data, after.data);
  if (changes.length === 0) return <p className="quiet">It was saved without a change.</p>;
  return <ChangeList changes={changes} />;
}
