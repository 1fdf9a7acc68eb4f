import type { ConfigDocument } from './editConfig.ts';
import { findEntry, listOf, setKeys } from './listEdits.ts';
import type { RawAccount } from './rules.ts';

/** Adds an account at the end of the order, or sets the given keys of the one with this key. */
export function upsertAccount(doc: ConfigDocument, account: RawAccount): void {
  const found = findEntry(doc, 'accounts', 'key', account.key);
  if (found) setKeys(doc, found, account);
  else listOf(doc, 'accounts').add(doc.createNode(account));
}

/** Removes an account; false if there is none. */
export function removeAccount(doc: ConfigDocument, key: string): boolean {
  const list = listOf(doc, 'accounts');
  const index = list.items.findIndex((item) => item === findEntry(doc, 'accounts', 'key', key));
  return index >= 0 && list.delete(index);
}
