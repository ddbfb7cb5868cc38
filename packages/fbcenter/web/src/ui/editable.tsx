import type { ReactNode } from 'react';
import type { May } from '../shell/may.js';
import { Notice } from './notice.js';

/** What can be changed by those who may change it: for others it is there to be read, and says why. */
export function Editable({ may, children }: { readonly may: May; readonly children: ReactNode }) {
  if (may.edit) return children;
  return (
    <>
      <Notice>{may.why}</Notice>
      <fieldset className="read-only" disabled>
        <legend className="visually-hidden">Read only</legend>
        {children}
      </fieldset>
    </>
  );
}
