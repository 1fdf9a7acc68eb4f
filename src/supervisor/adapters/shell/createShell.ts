import type { HostConfig } from '../../domain/config.ts';
import { createLocalShell } from './localShell.ts';
import { agentEnv, masterArgv, masterPath } from './opensshArgv.ts';
import { createOpensshShell } from './opensshShell.ts';
import type { Shell } from './shell.ts';
import type { ShellContext } from './shellContext.ts';
import { createSsh2Shell } from './ssh2Shell.ts';

export type { ShellContext } from './shellContext.ts';

/** The shell of a host by its `transport` (DISC-10). It connects nothing before `connect`. */
export function createShell(host: HostConfig, context: ShellContext): Shell {
  switch (host.transport) {
    case 'openssh':
      return createOpensshShell(host, context);
    case 'ssh2':
      return createSsh2Shell(host, context);
    case 'local':
      return createLocalShell(host.alias, context.logger);
  }
}

/** argv of `Connect…` (DISC-12): logs in once in a terminal and leaves the master that `connect` then finds; exits 0 when it worked. Null where a terminal cannot help. */
export function interactiveLoginArgv(host: HostConfig, context: ShellContext): string[] | null {
  if (host.transport !== 'openssh') return null;
  return [...agentEnv(context), ...masterArgv(host, context, masterPath(host, context, 0, 'c'), 'terminal')];
}
