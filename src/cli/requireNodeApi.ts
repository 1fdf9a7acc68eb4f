/** Node-API version that the native SQLite module is built for. */
const wantedNodeApi = 10;

/** Ends the process with an explanation when this Node is too old for the native modules. */
export function requireNodeApi(versions: { node: string; napi?: string | undefined }): void {
  if (Number(versions.napi ?? 0) >= wantedNodeApi) return;
  process.stderr.write(`cockpit needs Node 22.14 or newer; this is ${versions.node}. Install a newer Node and run it again.\n`);
  process.exit(2);
}
