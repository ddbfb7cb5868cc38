import type { RequestedType } from './wire.js';

const DECIMAL = /^[\t-\r ]*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?[\t-\r ]*$/;

/** The number a text stands for, or undefined if it is not a finite decimal number. */
export function decimalOf(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The boolean a text stands for, whatever its letters' case. */
export function booleanOf(text: string): boolean | undefined {
  if (text.toLowerCase() === 'true') return true;
  if (text.toLowerCase() === 'false') return false;
  return undefined;
}

/** The JSON array of strings in a text, or undefined if it is anything else. */
export function stringsOf(text: string): string[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed)) return undefined;
  return parsed.every((item) => typeof item === 'string') ? parsed : undefined;
}

export type Converted = { ok: true; value: unknown } | { ok: false };

/** The chosen string as the type that was asked for. */
export function convert(text: string, type: RequestedType): Converted {
  if (type === 'string') return { ok: true, value: text };
  if (type === 'boolean') {
    const value = booleanOf(text);
    return value === undefined ? { ok: false } : { ok: true, value };
  }
  if (type === 'number') {
    const value = decimalOf(text);
    return value === undefined ? { ok: false } : { ok: true, value };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}
