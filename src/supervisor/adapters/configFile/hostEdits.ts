import type { ConfigDocument } from './editConfig.ts';
import { findEntry, listOf, setKeys, type Entry } from './listEdits.ts';
import type { RawHost } from './rules.ts';

/** Adds a host, or sets the given keys of the one with this alias; keys that are not given stay. */
export function upsertHost(doc: ConfigDocument, host: RawHost): void {
  const found = findHost(doc, host.alias);
  if (found) setKeys(doc, found, host);
  else listOf(doc, 'hosts').add(doc.createNode(host));
}

/** Removes a host; false if there is none. */
export function removeHost(doc: ConfigDocument, alias: string): boolean {
  const list = listOf(doc, 'hosts');
  const index = list.items.findIndex((item) => item === findHost(doc, alias));
  return index >= 0 && list.delete(index);
}

/** Sets one key of a host, or removes it with undefined; false if there is no such host. */
export function setHostKey<K extends Exclude<keyof RawHost, 'alias'>>(doc: ConfigDocument, alias: string, key: K, value: RawHost[K] | undefined): boolean {
  const found = findHost(doc, alias);
  if (!found) return false;
  setKeys(doc, found, { [key]: value });
  return true;
}

function findHost(doc: ConfigDocument, alias: string): Entry | undefined {
  return findEntry(doc, 'hosts', 'alias', alias);
}
