/**
 * Calls the application's code, which must not disturb the SDK: what it throws, or its promise rejects with, goes to
 * `failed`.
 */
export function contain(call: () => unknown, failed?: (error: unknown) => void): void {
  try {
    const result = call();
    if (isThenable(result)) result.then(undefined, (error: unknown) => failed?.(error));
  } catch (error) {
    failed?.(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/**
 * Names somebody else's error without its message, which may quote anything: by the system's error code, or by the error's
 * name when it has no code.
 */
export function errorName(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  try {
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)) return code;
    return typeof name === 'string' && /^[A-Za-z]{1,60}$/.test(name) ? name : 'Error';
  } catch {
    return 'Error';
  }
}
