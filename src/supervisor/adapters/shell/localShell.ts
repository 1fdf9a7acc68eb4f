import { Emitter } from '../../base/event.ts';
import type { Logger } from '../../base/logger.ts';
import { messageOf } from '../../base/errors.ts';
import type { Dialer, Link } from './link.ts';
import { LinkedShell } from './linkedShell.ts';
import { spawnRaw } from './rawProcess.ts';
import { ConnectError, type Shell } from './shell.ts';

/** Inside a tmux these make every tmux client talk to that server, and refuse to attach. */
const tmuxVariables = ['TMUX', 'TMUX_PANE'];

/** The operator's own machine (`transport: local`). Its connection is never lost. */
export function createLocalShell(alias: string, logger: Logger): Shell {
  return new LinkedShell(localDialer(alias), logger);
}

function localDialer(alias: string): Dialer {
  return {
    name: alias,
    prelude: '',
    slots: () => Infinity,
    dial: () => Promise.resolve(localLink(alias)),
    attachArgv: (command) => ['env', ...tmuxVariables.flatMap((name) => ['-u', name]), 'sh', '-c', command],
  };
}

function localLink(alias: string): Link {
  const closed = new Emitter<ConnectError>();
  return {
    onDidClose: closed.event,
    dispose: () => {
      closed.dispose();
    },
    isAlive: () => Promise.resolve(true),
    async startSh() {
      try {
        return await spawnRaw(['sh'], localEnv(), { ownGroup: true });
      } catch (error) {
        throw new ConnectError('failed', `${alias}: sh cannot be started: ${messageOf(error)}`, { cause: error });
      }
    },
    explainEnd: (exitCode, stderr) => Promise.resolve(new ConnectError('failed', `${alias}: sh ended with ${String(exitCode)}: ${stderr.trim()}`)),
    hangUp(pid) {
      process.kill(-pid, 'SIGHUP');
      return Promise.resolve();
    },
  };
}

function localEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !tmuxVariables.includes(name)));
}
