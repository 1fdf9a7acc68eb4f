import type { Logger } from '../../base/logger.ts';

/** What every shell of one cockpit shares. */
export type ShellContext = {
  /** Folder of ssh ControlPath sockets; made with mode 0700 when it is missing. */
  mastersDir: string;
  /** The stable link to the operator's ssh agent (DISC-8); null leaves SSH_AUTH_SOCK as this process has it. */
  sshAuthSock: string | null;
  /** The ssh client; default `ssh`. */
  sshPath?: string;
  /** For `ssh -F`; default is the operator's own configuration. */
  sshConfigFile?: string;
  logger: Logger;
};
