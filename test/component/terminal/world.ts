import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { standInScript } from '../../../src/demo/standIn.ts';
import type { SessionId } from '../../../src/supervisor/domain/ids.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { startSshd } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';
import { personAt, type Person } from './person.ts';

const run = promisify(execFile);

/** Three hosts with real tmux servers: `alpha` (sessions one and two), `beta` (one), `gamma` (none but what cockpit makes); stand-ins are the agents. */
export type World = {
  cockpit: CockpitFixture;
  isSsh: boolean;
  /** tmux on the machine of a host. */
  remote(alias: string, ...args: string[]): Promise<string>;
  /** Starts a session that says `REMOTE alias name` and then does `script`. */
  session(alias: string, name: string, script?: string): Promise<SessionId>;
  /** `alias/name` of every session that the human owns at its tmux server; throws if one has no owner. */
  claimed(): Promise<string[]>;
  /** Waits until exactly these sessions are claimed. */
  claims(...sessions: string[]): Promise<void>;
  person(columns: number, rows: number, ...args: string[]): Promise<Person>;
  close(): Promise<void>;
};

const aliases = ['alpha', 'beta', 'gamma'];

/** Builds the world on this machine, or behind one real sshd. The cockpit is not up yet. */
export async function openWorld(kind: 'local' | 'ssh', env: NodeJS.ProcessEnv = {}): Promise<World> {
  const sshd = kind === 'ssh' ? await startSshd({ aliases }) : null;
  const cockpit = await cockpitFixture({ ...env, ...(sshd ? { COCKPIT_SSH_CONFIG: sshd.configFile } : {}) });
  const sockets = await mkdtemp(join(tmpdir(), 'ck-'));
  const standIn = join(cockpit.dir, 'stand-in');
  await writeFile(standIn, standInScript, { mode: 0o700 });
  await cockpit.writeConfig({ hosts: aliases.map((alias) => ({ alias, transport: kind === 'ssh' ? 'openssh' : 'local', tmux_socket: join(sockets, alias) })), codex_path: standIn });
  const people: Person[] = [];
  const world: World = {
    cockpit,
    isSsh: sshd !== null,
    remote: async (alias, ...args) => (await run('tmux', ['-u', '-f', '/dev/null', '-S', join(sockets, alias), ...args], { env: { ...process.env, TMUX: undefined } })).stdout.replace(/\n$/, ''),
    session: async (alias, name, script = 'exec cat') =>
      (await world.remote(alias, 'new-session', '-d', '-P', '-F', '#{session_id}', '-x', '80', '-y', '24', '-s', `cockpit-${name}`, `echo "REMOTE ${alias} ${name}"; ${script}`)) as SessionId,
    async claimed() {
      const rows = await Promise.all(
        aliases.map(async (alias) => {
          const text = await world.remote(alias, 'list-sessions', '-F', '#{session_name} #{@cockpit_owner}').catch(() => '');
          return text.split('\n').filter(Boolean).map((line) => `${alias}/${line.replace('cockpit-', '')}`);
        }),
      );
      const all = rows.flat().map((line) => line.split(' '));
      const unread = all.find(([, owner]) => !owner);
      if (unread) throw new Error(`${unread.join(' ')} has no owner`);
      return all.flatMap(([name = '', owner = '']) => (owner.startsWith('human:') ? [name] : []));
    },
    async claims(...sessions) {
      await until(async () => {
        const now = await world.claimed();
        if (now.join() !== sessions.join()) throw new Error(`claimed: ${now.join()}`);
        return true;
      }, { timeoutMs: 20_000, what: `exactly ${sessions.join() || 'nothing'} is claimed` });
    },
    async person(columns, rows, ...args) {
      const person = await personAt(columns, rows, cockpit.argv(...args), cockpit.env);
      people.push(person);
      return person;
    },
    async close() {
      for (const person of people) await person.close();
      await cockpit.dispose();
      for (const alias of aliases) await world.remote(alias, 'kill-server').catch(() => ''); // it may have ended with its last session
      await sshd?.stop();
      await rm(sockets, { recursive: true, force: true });
    },
  };
  await world.session('alpha', 'one');
  await world.session('alpha', 'two');
  await world.session('beta', 'one');
  return world;
}
