import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Paths } from '../../../protocol/paths.ts';
import type { Shell } from '../../shell/shell.ts';

/** What cockpit's own tmux servers are made with. */
export type LocalServerDeps = {
  paths: Paths;
  /** Shell of the local machine. */
  shell: Shell;
  clock: Clock;
  logger: Logger;
  /** Environment that servers start with, cleaned by them; default `process.env`. */
  env?: NodeJS.ProcessEnv;
};
