import { isNestedTooDeeply } from './nesting.js';

/**
 * A JSON text that somebody outside has sent; `undefined` for what is none, or is nested too deeply: most of what may be done with a
 * value afterwards, such as writing it again, goes as deep as the value does, and ends where the engine's stack does.
 */
export function receivedJson(text: string): unknown {
  if (isNestedTooDeeply(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
