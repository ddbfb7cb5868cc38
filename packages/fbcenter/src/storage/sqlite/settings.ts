import type { Settings } from '../settings.js';
import type { Session } from './session.js';

export function sqliteSettings({ connection, read, write }: Session): Settings {
  return {
    get: (name) =>
      read(() => connection.row<{ readonly value: string }>('SELECT value FROM settings WHERE name = ?', name)?.value),
    save: (name, value) =>
      write(() => {
        connection.run('INSERT OR REPLACE INTO settings VALUES (?, ?)', name, value);
      }),
  };
}
