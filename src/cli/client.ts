import { connect, type Client } from '../supervisor/protocol/client.ts';
import { api, type Api } from '../supervisor/protocol/api.ts';
import { pathsFor, type GlobalOptions } from './context.ts';

/** A connection to the supervisor. */
export type CockpitClient = Client<Api>;

/** Runs `use` with a connection to the supervisor and closes it. HumanError with exit code 3 where none runs. */
export async function withClient<T>(options: GlobalOptions, use: (client: CockpitClient) => Promise<T>): Promise<T> {
  const client = await connect(pathsFor(options), api, 'cli');
  try {
    return await use(client);
  } finally {
    client.dispose();
  }
}
