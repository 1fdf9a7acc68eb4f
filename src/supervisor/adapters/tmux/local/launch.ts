import { escapeFormat, shortHash } from './tmuxText.ts';

/** What runs in a pane. With `env` the process gets exactly these variables, without it those of the tmux server. */
export type Launch = { argv: string[]; env?: Record<string, string>; cwd?: string };

/** Stands for a launch in a pane option: another launch has another hash. */
export function launchHash(launch: Launch): string {
  return shortHash(JSON.stringify([launch.argv, Object.entries(launch.env ?? {}).sort(), launch.cwd ?? '']));
}

/** The `-c DIR` and command arguments of new-session, new-window, split-window and respawn-pane. tmux runs them without a shell. */
export function launchWords(launch: Launch): string[] {
  const directory = launch.cwd === undefined ? [] : ['-c', escapeFormat(launch.cwd)];
  return [...directory, ...command(launch)];
}

function command({ argv, env }: Launch): string[] {
  // A single word would be a shell command line to tmux, and `env` would take a program with `=` in its path for a variable.
  const program = argv[0]?.includes('=') ? ['sh', '-c', 'exec "$@"', 'sh', ...argv] : argv;
  if (env === undefined) return ['env', ...program];
  return ['env', '-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...program];
}
