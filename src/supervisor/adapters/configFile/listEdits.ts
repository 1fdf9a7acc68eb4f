import { isMap, isScalar, isSeq, YAMLSeq, type YAMLMap } from 'yaml';
import type { ConfigDocument } from './editConfig.ts';

/** One map of a list in the file. */
export type Entry = YAMLMap;

/** The list under a top-level key; made if the key is missing or empty. */
export function listOf(doc: ConfigDocument, key: string): YAMLSeq {
  const found = doc.get(key, true);
  if (isSeq(found)) {
    // `[]` is written out once something is in it.
    if (found.items.length === 0) found.flow = false;
    return found;
  }
  const made = new YAMLSeq(doc.schema);
  if (isScalar(found) && found.comment) made.commentBefore = found.comment;
  doc.set(key, made);
  return made;
}

/** The map in the list under `list` whose `name` is `value`. */
export function findEntry(doc: ConfigDocument, list: string, name: string, value: string): Entry | undefined {
  const seq = doc.get(list, true);
  return isSeq(seq) ? seq.items.find((item): item is Entry => isMap(item) && item.get(name) === value) : undefined;
}

/** Sets keys of a map in place, so that comments beside them stay; undefined removes a key. */
export function setKeys(doc: ConfigDocument, entry: Entry, values: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(values)) {
    const present = entry.get(key, true);
    if (value === undefined) entry.delete(key);
    else if (isScalar(present) && (typeof value !== 'object' || value === null)) present.value = value;
    else entry.set(key, doc.createNode(value));
  }
}
