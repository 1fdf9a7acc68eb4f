import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createShell, type ShellContext } from '../../../src/supervisor/adapters/shell/createShell.ts';
import { endMasters } from '../../../src/supervisor/adapters/shell/endMasters.ts';
import { ConnectError, type ConnectErrorKind, type Shell } from '../../../src/supervisor/adapters/shell/shell.ts';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import type { HostConfig, Transport } from '../../../src/supervisor/domain/config.ts';
import type { SshdFixture } from '../../support/sshd.ts';

export function hostOf(alias: string, transport: Transport, more: Partial<HostConfig> = {}): HostConfig {
  return { alias, sshTarget: alias, transport, tmuxSocket: null, forwardAgent: true, wake: true, approvals: 'bypass', remoteAuth: 'ask', claimOnAnyKey: false, codexConfig: {}, ...more };
}

/** Shells of one test file: all are disposed, and their masters ended, by `end`. */
export class ShellBench {
  readonly sshd: SshdFixture;
  readonly context: ShellContext;
  readonly #shells: Shell[] = [];

  static async start(sshd: SshdFixture): Promise<ShellBench> {
    return new ShellBench(sshd, await mkdtemp(join(tmpdir(), 'ck-')));
  }

  private constructor(sshd: SshdFixture, mastersDir: string) {
    this.sshd = sshd;
    this.context = { mastersDir, sshAuthSock: null, sshConfigFile: sshd.configFile, logger: nullLogger };
  }

  shell(alias: string, transport: Transport, more: { host?: Partial<HostConfig>; context?: Partial<ShellContext> } = {}): Shell {
    const shell = createShell(hostOf(alias, transport, more.host), { ...this.context, ...more.context });
    this.#shells.push(shell);
    return shell;
  }

  async connected(alias: string, transport: Transport): Promise<Shell> {
    const shell = this.shell(alias, transport);
    await shell.connect();
    return shell;
  }

  async end(): Promise<void> {
    for (const shell of this.#shells) shell.dispose();
    await endMasters(this.context.mastersDir, { logger: nullLogger });
    await rm(this.context.mastersDir, { recursive: true, force: true });
  }
}

/** The ConnectError that a promise rejects with; anything else is thrown. */
export async function connectErrorOf(promise: Promise<unknown>): Promise<{ kind: ConnectErrorKind; message: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ConnectError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
