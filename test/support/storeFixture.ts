import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ActionIntent } from '../../src/supervisor/adapters/store/actions.ts';
import { openStore, type Store } from '../../src/supervisor/adapters/store/store.ts';
import { DisposableStore } from '../../src/supervisor/base/disposable.ts';
import { nullLogger, type Logger } from '../../src/supervisor/base/logger.ts';
import { pathsOf, type Paths } from '../../src/supervisor/protocol/paths.ts';

/** The program of the store's child processes. */
export const storeChildPath = fileURLToPath(new URL('./storeChild.ts', import.meta.url));

/** A data directory in a temporary folder, and its store. */
export type StoreFixture = { paths: Paths; open(logger?: Logger): Store; dispose(): Promise<void> };

/** Makes a data directory; `dispose` closes what `open` gave and removes the folder. */
export async function storeFixture(): Promise<StoreFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-'));
  const stores = new DisposableStore();
  const paths = pathsOf(dir);
  return {
    paths,
    open: (logger = nullLogger) => stores.add(openStore(paths, { logger })),
    dispose: async () => {
      stores.dispose();
      await rm(dir, { recursive: true });
    },
  };
}

/** An action of an agent, for tests that do not care which. */
export function someIntent(fields: Partial<ActionIntent> = {}): ActionIntent {
  return { key: 'ai~1', host: 'ai', session: '$1', actor: 'agent', tool: 'send_text', kind: 'write', detail: 'hello', epoch: 3, ...fields };
}
