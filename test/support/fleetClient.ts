import { api, type Api } from '../../src/supervisor/protocol/api.ts';
import { connect, type Client } from '../../src/supervisor/protocol/client.ts';
import type { HostView, SessionView, StatusView } from '../../src/supervisor/protocol/statusView.ts';
import type { CockpitFixture } from './cockpit.ts';
import { until } from './until.ts';

/** A client of a running supervisor in this process: asks in well under a millisecond, where a start of the CLI takes some hundred. */
export type FleetClient = {
  readonly client: Client<Api>;
  status(): Promise<StatusView>;
  host(alias: string): Promise<HostView>;
  names(alias: string): Promise<string[]>;
  /** The session of an id or name, once it is as `wanted` says. */
  session(alias: string, idOrName: string, wanted?: (session: SessionView) => boolean): Promise<SessionView>;
  /** Waits until a host has exactly these sessions by name, in any order. */
  has(alias: string, ...names: string[]): Promise<void>;
  dispose(): void;
};

/** Connects to the supervisor of a fixture; end it with `dispose`. */
export async function fleetClient(cockpit: CockpitFixture): Promise<FleetClient> {
  const client = await connect(cockpit.paths, api, 'test');
  const fleet: FleetClient = {
    client,
    status: () => client.request('status', {}),
    async host(alias) {
      const found = (await fleet.status()).hosts.find((host) => host.alias === alias);
      if (!found) throw new Error(`no host ${alias}`);
      return found;
    },
    names: async (alias) => (await fleet.host(alias)).sessions.map((session) => session.name),
    session: (alias, idOrName, wanted = () => true) =>
      until(
        async () => {
          const found = (await fleet.host(alias)).sessions.find((session) => session.id === idOrName || session.name === idOrName);
          if (!found || !wanted(found)) throw new Error(JSON.stringify(found ?? (await fleet.host(alias))));
          return found;
        },
        { what: `${alias}/${idOrName}`, timeoutMs: 20_000 },
      ),
    has: async (alias, ...names) => {
      await until(
        async () => {
          const seen = await fleet.names(alias);
          if (seen.toSorted().join() !== names.toSorted().join()) throw new Error(seen.join(', ') || 'none');
          return true;
        },
        { what: `${alias} has ${names.join(', ') || 'no session'}`, timeoutMs: 15_000 },
      );
    },
    dispose: () => {
      client.dispose();
    },
  };
  return fleet;
}
