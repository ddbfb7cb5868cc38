import type { Settings } from '../settings.js';
import type { Session } from './session.js';

export function postgresSettings({ read, write }: Session): Settings {
  return {
    get: (name) =>
      read(
        async (connection) =>
          (await connection.row<{ readonly value: string }>('SELECT value FROM settings WHERE name = $1', name))?.value,
        { kind: 'settings' },
      ),
    save: (name, value) =>
      write(
        async (connection) => {
          const sql = 'INSERT INTO settings VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
          await connection.run(sql, name, value);
        },
        { kind: 'settings' },
      ),
  };
}
