import { randomBytes } from 'node:crypto';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { CockpitError } from '../../base/errors.ts';
import { durably } from './database.ts';
import { readInstallId, writeInstallId } from './installIdFile.ts';

/** Small values that outlive the supervisor: selection, focus, wake per host, `down`, the install id. */
export type Settings = {
  /** The stored value, or null if there is none. Throws CockpitError 'setting-malformed' if it does not fit the schema. */
  getSetting<T>(key: string, schema: z.ZodType<T>): T | null;
  /** Stores a JSON value; durable when it returns. */
  setSetting(key: string, value: unknown): void;
  /** Random name of this installation, made on first use: 16 characters of 0-9a-f. It outlives the database. */
  installId(): string;
};

/** The settings of an open database; the install id is also in a file of its own. */
export function createSettings(db: Database.Database, installIdFile: string): Settings {
  const select = db.prepare<[string], { value: string }>('SELECT value FROM setting WHERE key = ?');
  const upsert = db.prepare<[string, string]>('INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
  const settings: Settings = {
    getSetting(key, schema) {
      const row = select.get(key);
      if (row === undefined) return null;
      const parsed = schema.safeParse(JSON.parse(row.value));
      if (parsed.success) return parsed.data;
      throw new CockpitError('setting-malformed', `the stored setting ${key} is not as expected: ${parsed.error.message}`, { cause: parsed.error });
    },
    setSetting(key, value) {
      const json = JSON.stringify(value);
      // Few and small, so each is durable: `down` in particular must hold after a power loss.
      durably(db, () => upsert.run(key, json));
    },
    installId() {
      const known = settings.getSetting('installId', z.string().regex(/^[0-9a-f]{16}$/));
      const kept = readInstallId(installIdFile);
      const id = known ?? kept ?? randomBytes(8).toString('hex');
      if (known === null) settings.setSetting('installId', id);
      if (kept !== id) writeInstallId(installIdFile, id);
      return id;
    },
  };
  return settings;
}
