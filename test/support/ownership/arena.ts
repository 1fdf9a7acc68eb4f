import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPaneId, isSessionId, type SessionId } from '../../../src/supervisor/domain/ids.ts';
import type { PaneId } from '../../../src/supervisor/domain/ids.ts';
import { startSshd, type SshdFixture } from '../sshd.ts';
import { startTmux, type TmuxFixture } from '../tmuxServer.ts';
import { until } from '../until.ts';
import { makeInstall, type Install } from './install.ts';
import { markCommands, ownershipHook } from './paneLog.ts';

/** A managed session on the remote tmux whose pane keeps every byte and shows it. */
export type WatchedSession = { name: string; id: SessionId; pane: PaneId; read(): Promise<Buffer>; /** Resolves when all that tmux took so far stands in the log. */ settle(): Promise<void> };

/** One remote tmux server and two cockpits that know nothing of each other: `a` reaches it as this machine, `b` by ssh. */
export type Arena = {
  readonly tmux: TmuxFixture;
  readonly sshd: SshdFixture;
  readonly a: Install;
  readonly b: Install;
  /** Ids of the installs, as the remote knows them. */
  readonly ids: { a: string; b: string };
  /** Makes a session whose log marks every change of its owner from the first on. */
  session(name: string): Promise<WatchedSession>;
  /** Breaks the links of a cockpit to the remote. */
  drop(install: Install): Promise<void>;
  stop(): Promise<void>;
};

/** Starts everything; both supervisors are online. */
export async function startArena(): Promise<Arena> {
  const tmux = await startTmux();
  const sshd = await startSshd();
  const common = { max_agents: 0, codex_path: '/nonexistent/codex' };
  const a = await makeInstall({ hosts: [{ alias: 'box', transport: 'local', tmux_socket: tmux.socket }], ...common });
  const b = await makeInstall({ hosts: [{ alias: 'box', tmux_socket: tmux.socket }], ...common }, { COCKPIT_SSH_CONFIG: sshd.configFile });
  await a.start();
  await a.session('cockpit-keep', (row) => row.owner === 'agent', 'a supervises');
  const owner = async () => (await tmux.run('display-message', '-p', '-t', 'cockpit-keep:', '#{@cockpit_owner}')).replace(/^\w+:/, '');
  const idOfA = await owner();
  await b.start();
  await b.session('cockpit-keep', (row) => row.owner === 'foreign', 'b sees that a supervises');
  await (await b.client()).request('session/takeOver', { session: 'box/cockpit-keep' });
  const ids = { a: idOfA, b: await owner() };
  return {
    tmux, sshd, a, b, ids,
    async session(name) {
      const log = join(tmux.dir, `log-${name}`);
      // Unmanaged until the hook is there.
      const made = await tmux.run('new-session', '-d', '-P', '-F', '#{session_id} #{pane_id}', '-x', '80', '-y', '24', '-s', `hidden-${name}`, `stty raw -echo; exec tee ${log}`);
      const [id = '', pane = ''] = made.split(' ');
      if (!isSessionId(id) || !isPaneId(pane)) throw new Error(made);
      await until(() => existsSync(log));
      const run = async (commands: string) => {
        const file = join(tmux.dir, `commands-${name}`);
        await writeFile(file, `${commands}\n`);
        await tmux.run('source-file', file);
      };
      await run(ownershipHook(id, [pane], [ids.a, ids.b]));
      await tmux.run('rename-session', '-t', id, name);
      let ends = 0;
      const settle = async () => {
        const end = `end${++ends}`;
        await run(markCommands([pane], end));
        await until(async () => (await readFile(log)).includes(`\x01M${end}\x02`), { what: `the end of the log of ${name}` });
      };
      return { name, id, pane, read: () => readFile(log), settle };
    },
    async drop(install) {
      if (install === b) {
        sshd.killConnections();
        return;
      }
      const clients = await tmux.run('list-clients', '-F', '#{client_pid}');
      const own = clients.split('\n').map(Number).filter((pid) => pid > 0 && isBelow(pid, install.pid));
      for (const pid of own) process.kill(pid, 'SIGKILL');
    },
    async stop() {
      await Promise.allSettled([a.kill(), b.kill()]);
      const ended = await Promise.allSettled([a.dispose(), b.dispose()]);
      await tmux.stop();
      await sshd.stop();
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
    },
  };
}

function isBelow(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}

function parentOf(pid: number): number {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it ended meanwhile
  }
}
