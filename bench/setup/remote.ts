import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createShell } from '../../src/supervisor/adapters/shell/createShell.ts';
import { masterPath } from '../../src/supervisor/adapters/shell/opensshArgv.ts';
import type { Shell } from '../../src/supervisor/adapters/shell/shell.ts';
import { nullLogger } from '../../src/supervisor/base/logger.ts';
import type { HostConfig } from '../../src/supervisor/domain/config.ts';
import { isPaneId, isSessionId, type PaneId, type SessionId } from '../../src/supervisor/domain/ids.ts';
import { startSshd, type SshdFixture } from '../../test/support/sshd.ts';
import { startTmux, type TmuxFixture } from '../../test/support/tmuxServer.ts';

/** A managed session of a remote tmux server; what is written to `tty` is output of its program. */
export type RemoteSession = { id: SessionId; paneId: PaneId; name: string; tty: string };

/** One alias with a tmux server of its own. */
export type RemoteHost = { alias: string; tmux: TmuxFixture; tmuxPid: number; sessions: RemoteSession[] };

/** One sshd on loopback that serves several hosts. */
export type Remote = {
  sshd: SshdFixture;
  hosts: RemoteHost[];
  /** A connected openssh shell of a host; ended by `stop`. */
  shell(alias: string): Promise<Shell>;
  /** argv of a spawned `ssh`: over the connection of `shell`, or with one of its own. */
  sshArgv(alias: string, over: 'master' | 'cold', command: string): string[];
  stop(): Promise<void>;
};

/** Starts `hosts` hosts with `sessions` sessions each. */
export async function startRemote(hosts: number, sessions: number, program = 'exec cat'): Promise<Remote> {
  const aliases = Array.from({ length: hosts }, (_, n) => `h${n + 1}`);
  const sshd = await startSshd({ aliases });
  const started: RemoteHost[] = [];
  const shells: Shell[] = [];
  const mastersDir = join(sshd.dir, 'm');
  const context = { mastersDir, sshAuthSock: null, sshConfigFile: sshd.configFile, logger: nullLogger };
  const stop = async () => {
    for (const shell of shells) shell.dispose();
    for (const host of started) await host.tmux.stop();
    for (const { alias } of started) await endMaster(sshd, masterPath(hostConfig(alias), context, 0, 'c'), alias);
    await sshd.stop();
  };
  try {
    await mkdir(mastersDir, { mode: 0o700 });
    for (const alias of aliases) started.push(await startHost(alias, sessions, program));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    sshd,
    hosts: started,
    async shell(alias) {
      const shell = createShell(hostConfig(alias), context);
      shells.push(shell);
      await shell.connect();
      return shell;
    },
    sshArgv(alias, over, command) {
      const master = over === 'master' ? ['-S', masterPath(hostConfig(alias), context, 0, 'c'), '-o', 'ControlMaster=no'] : ['-S', 'none'];
      return ['ssh', '-F', sshd.configFile, '-o', 'BatchMode=yes', ...master, alias, command];
    },
    stop,
  };
}

async function startHost(alias: string, count: number, program: string): Promise<RemoteHost> {
  const tmux = await startTmux();
  const script = join(tmux.dir, 'sessions.tmux');
  // One after the other would take a client each.
  const more = Array.from({ length: count - 1 }, (_, n) => `new-session -d -x 80 -y 24 -s cockpit-b${n + 1} '${program}'\n`);
  await writeFile(script, `respawn-pane -k -t cockpit-keep '${program}'\n${more.join('')}`);
  await tmux.run('source-file', script);
  const rows = (await tmux.run('list-panes', '-a', '-F', '#{session_id} #{pane_id} #{session_name} #{pane_tty}')).split('\n');
  const tmuxPid = Number(await tmux.run('display-message', '-p', '#{pid}'));
  return { alias, tmux, tmuxPid, sessions: rows.map(sessionOf) };
}

function sessionOf(row: string): RemoteSession {
  const [id = '', paneId = '', name = '', tty = ''] = row.split(' ');
  if (!isSessionId(id) || !isPaneId(paneId)) throw new Error(`no session: ${row}`);
  return { id, paneId, name, tty };
}

/** Masters outlive their shell by design. */
async function endMaster(sshd: SshdFixture, path: string, alias: string): Promise<void> {
  await promisify(execFile)('ssh', ['-F', sshd.configFile, '-S', path, '-O', 'exit', alias]).catch((error: unknown) => {
    if (!/Control socket connect/.test(String(error))) throw error;
  });
}

function hostConfig(alias: string): HostConfig {
  return { alias, sshTarget: alias, transport: 'openssh', tmuxSocket: null, forwardAgent: false, wake: false, approvals: 'bypass', remoteAuth: 'never', claimOnAnyKey: false, codexConfig: {} };
}

/** A shell on this machine, for the floor. */
export async function localShell(): Promise<Shell> {
  const shell = createShell({ ...hostConfig('here'), transport: 'local' }, { mastersDir: '', sshAuthSock: null, logger: nullLogger });
  await shell.connect();
  return shell;
}
