import '../styles/audit.css';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AuditDetailBody, AuditEntryBody } from '../../../src/api/audit.js';
import { useEnvironments } from '../api/queries.js';
import { calls } from '../api/session.js';
import { ChangeList } from '../editing/change-list.js';
import { AUDIT_FILTERS, doneText, fieldsText, filterQuery, memberChanges, subjectText } from '../model/audit.js';
import type { FlagDocument, SegmentDocument } from '../model/document.js';
import { flagParts, segmentParts } from '../model/document-parts.js';
import { changesBetween } from '../model/parts.js';
import { hrefOf, type Route } from '../model/route.js';
import { moment } from '../model/time.js';
import { replaceParameters, useParameters } from '../shell/navigation.js';
import { Button, Empty, Skeleton } from '../ui/controls.js';
import { Heading } from '../ui/heading.js';
import { Icon } from '../ui/icon.js';
import { Link } from '../ui/link.js';
import { LoadFailure } from '../ui/notice.js';
import { saveFile } from '../ui/save-file.js';
import { complain } from '../ui/toasts.js';
import { useEntries } from './entries.js';
import { OlderButton } from './older-button.js';

/** Who did what, when, to what, and why. */
export function AuditPage() {
  const parameters = useParameters();
  const filter = filterQuery(parameters);
  const entries = useEntries(['audit', filter], (after, signal) => calls.audit(filter, after, signal));
  const [open, setOpen] = useState<number>();
  const [isExporting, setExporting] = useState(false);
  const isFiltered = AUDIT_FILTERS.some((name) => parameters.has(name));
  const clear = () => replaceParameters(Object.fromEntries(AUDIT_FILTERS.map((name) => [name, ''])));
  const exportAll = async () => {
    setExporting(true);
    try {
      saveFile('audit.ndjson', await calls.exportAudit(filter.slice(1), new AbortController().signal));
    } catch (error) {
      complain('The audit log was not exported', error);
    } finally {
      setExporting(false);
    }
  };
  return (
    <div className="page">
      <Link className="back" href={hrefOf({ page: 'settings' })}>
        <Icon name="back" /> Settings
      </Link>
      <div className="page-head">
        <Heading title="Audit log" />
        <Button onClick={() => void exportAll()} disabled={isExporting}>
          {isExporting ? 'Exporting …' : 'Export as NDJSON'}
        </Button>
      </div>
      <Filters parameters={parameters} />
      <LoadFailure of={entries.first} what="The audit log" />
      {entries.items === undefined ? (
        entries.first.error === null && <Skeleton lines={12} />
      ) : entries.items.length === 0 ? (
        <Empty icon="search" title={isFiltered ? 'No entry matches' : 'Nothing is written down yet'}>
          {isFiltered && <Button onClick={clear}>Show all entries</Button>}
        </Empty>
      ) : (
        <table className="list audit">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">Where</th>
              <th scope="col">
                <span className="visually-hidden">Changes</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.items.map((entry) => (
              <Entry
                key={entry.id}
                entry={entry}
                isOpen={open === entry.id}
                onOpen={() => setOpen(open === entry.id ? undefined : entry.id)}
              />
            ))}
          </tbody>
        </table>
      )}
      <OlderButton of={entries} />
    </div>
  );
}

function Filters({ parameters }: { readonly parameters: URLSearchParams }) {
  const environments = useEnvironments().data ?? [];
  const set = (name: string, value: string) => replaceParameters({ [name]: value });
  const input = (name: 'actor' | 'key' | 'from' | 'to', label: string, type: 'search' | 'date', placeholder = '') => (
    <label className="field">
      <span className="field-label">{label}</span>
      <input
        type={type}
        value={parameters.get(name) ?? ''}
        placeholder={placeholder}
        autoComplete="off"
        onChange={(event) => set(name, event.currentTarget.value)}
      />
    </label>
  );
  const choice = (name: 'kind' | 'environment', label: string, options: readonly (readonly [string, string])[]) => (
    <label className="field">
      <span className="field-label">{label}</span>
      <select value={parameters.get(name) ?? ''} onChange={(event) => set(name, event.currentTarget.value)}>
        <option value="">all</option>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
  const group = parameters.get('group');
  return (
    <search className="audit-filters">
      {input('actor', 'Who', 'search', 'a name')}
      {choice('kind', 'Kind', KINDS)}
      {input('key', 'Key', 'search', 'of a flag, a segment …')}
      {choice(
        'environment',
        'Environment',
        environments.map(({ key, name }) => [key, name] as const),
      )}
      {input('from', 'From', 'date')}
      {input('to', 'To', 'date')}
      {group !== null && (
        <Button icon="close" onClick={() => set('group', '')}>
          one act: {group.slice(0, 8)}
        </Button>
      )}
    </search>
  );
}

const KINDS = [
  'flag',
  'segment',
  'experiment',
  'metric',
  'environment',
  'secret',
  'webhook',
  'trigger',
  'insights',
  'user',
  'token',
  'setting',
  'audit',
].map((kind) => [kind, kind] as const);

function Entry({
  entry,
  isOpen,
  onOpen,
}: {
  readonly entry: AuditEntryBody;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}) {
  const { id, at, actor, subject, fields, comment, source, group } = entry;
  const route = routeOfSubject(entry);
  const what = `${doneText(entry)} ${subjectText(entry)}`;
  return (
    <>
      <tr>
        <td className="quiet">{moment(Date.parse(at))}</td>
        <td>{actor.name}</td>
        <td>
          {doneText(entry)}{' '}
          {route === undefined ? subjectText(entry) : <Link href={hrefOf(route)}>{subjectText(entry)}</Link>}
          {source !== null && <span className="quiet"> ({source})</span>}
          {fields.length > 0 && entry.action === 'update' && <span className="quiet"> · {fieldsText(fields)}</span>}
          {comment !== null && <q className="entry-why">{comment}</q>}
        </td>
        <td className="quiet">{subject.environment ?? ''}</td>
        <td>
          <Button
            look="quiet"
            aria-expanded={isOpen}
            aria-label={`${isOpen ? 'Less' : 'More'}: ${actor.name} ${what}`}
            onClick={onOpen}
          >
            {isOpen ? 'Less' : 'More'}
          </Button>
        </td>
      </tr>
      {isOpen && (
        <tr className="entry-detail">
          <td colSpan={5}>
            <Detail id={id} />
            {group !== null && (
              <Button look="quiet" onClick={() => replaceParameters({ group })}>
                Everything that this act has changed
              </Button>
            )}
          </td>
        </tr>
      )}
    </>
  );
}

function Detail({ id }: { readonly id: number }) {
  const detail = useQuery({
    queryKey: ['audit-entry', id],
    queryFn: ({ signal }) => calls.auditEntry(id, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (detail.data === undefined) {
    return detail.error === null ? <Skeleton lines={2} /> : <LoadFailure of={detail} what="The entry" />;
  }
  const changes = changesOf(detail.data);
  return changes.length === 0 ? <p className="quiet">It changed nothing.</p> : <ChangeList changes={changes} />;
}

function changesOf({ subject, before, after }: AuditDetailBody) {
  if (before !== null && after !== null) {
    if (subject.kind === 'flag') return changesBetween(flagParts, before as FlagDocument, after as FlagDocument);
    if (subject.kind === 'segment')
      return changesBetween(segmentParts, before as SegmentDocument, after as SegmentDocument);
  }
  return memberChanges(before, after);
}

/** Where one can look at it, if it is still there. */
function routeOfSubject({ action, subject: { kind, key, environment } }: AuditEntryBody): Route | undefined {
  if (environment === null || action === 'delete') return undefined;
  if (kind === 'flag') return { page: 'flag', environment, key, tab: 'history' };
  if (kind === 'segment') return { page: 'segment', environment, id: key };
  return kind === 'environment' ? { page: 'flags', environment } : undefined;
}
