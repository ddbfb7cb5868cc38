import { useSyncExternalStore } from 'react';
import { ApiError } from '../api/http.js';
import { Button, IconButton } from './controls.js';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isProblem: boolean;
  readonly action?: { readonly label: string; readonly onPress: () => void };
}

/** How long a word of success stays, in milliseconds; what went wrong stays until it is closed. */
const STAYS = 8_000;
const MOST = 4;

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

/** Says that something was done, with a way back if there is one. */
export function say(text: string, action?: Toast['action']): void {
  const id = add({ text, isProblem: false, ...(action === undefined ? {} : { action }) });
  setTimeout(() => remove(id), STAYS);
}

/** Says that something failed, and why. */
export function complain(what: string, error: unknown): void {
  add({ text: `${what}: ${reasonOf(error)}`, isProblem: true });
}

/** What went wrong, in words for a person. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const faults = error.faults.slice(0, 3).map(({ path, message }) => `${path}: ${message}`);
  return [error.message, ...faults].join(' ');
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <section className="toasts" aria-label="Messages" aria-live="polite">
      {shown.map(({ id, text, isProblem, action }) => (
        <div key={id} className={`toast ${isProblem ? 'problem' : ''}`}>
          <span>{text}</span>
          {action !== undefined && (
            <Button
              look="quiet"
              onClick={() => {
                remove(id);
                action.onPress();
              }}
            >
              {action.label}
            </Button>
          )}
          <IconButton icon="close" label="Close the message" onClick={() => remove(id)} />
        </div>
      ))}
    </section>
  );
}

function add(toast: Omit<Toast, 'id'>): number {
  const id = nextId++;
  replace([...toasts, { ...toast, id }].slice(-MOST));
  return id;
}

function remove(id: number): void {
  replace(toasts.filter((toast) => toast.id !== id));
}

function replace(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
