import { HumanError } from '../../base/errors.ts';

/** better-sqlite3 13 is built for Node-API 10 and ends an older process with a segmentation fault. */
const neededNodeApi = 10;

/** Throws a HumanError where the native SQLite module would crash this process. Call it before the first `new Database`. */
export function assertNodeApi(versions: { node: string; napi?: string | undefined } = process.versions): void {
  if (Number(versions.napi ?? 0) >= neededNodeApi) return;
  throw new HumanError('node-too-old', `cockpit needs Node 22.14 or newer (this is ${versions.node}): install a newer Node, or VS Code 1.101 or newer`);
}
