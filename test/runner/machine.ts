import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installCodeServer } from './codeServer.ts';
import type { PhaseName } from './phases.ts';

/** What the tests need of a Debian machine; one line more is one program more. */
const programs: { program: string; debianPackage: string; phases: PhaseName[] }[] = [
  { program: 'tmux', debianPackage: 'tmux', phases: ['component', 'extension', 'desktop'] },
  { program: 'ssh', debianPackage: 'openssh-client', phases: ['component', 'extension'] },
  { program: 'sshd', debianPackage: 'openssh-server', phases: ['component', 'extension'] },
  { program: 'chromium', debianPackage: 'chromium', phases: ['component', 'extension'] },
  { program: 'openssl', debianPackage: 'openssl', phases: ['component'] },
  { program: 'dbus-daemon', debianPackage: 'dbus', phases: ['component'] },
  { program: 'gnome-keyring-daemon', debianPackage: 'gnome-keyring', phases: ['component'] },
  { program: 'secret-tool', debianPackage: 'libsecret-tools', phases: ['component'] },
  ...['fish', 'tcsh', 'zsh'].map((program) => ({ program, debianPackage: program, phases: ['component' as const] })),
  { program: 'Xvfb', debianPackage: 'xvfb', phases: ['desktop'] },
];

/** Folders that hold daemons are in root's PATH only. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
/** What Chromium writes a terminal's text with. */
const fonts = '/usr/share/fonts/truetype/dejavu';

const isPresent = (program: string) => folders.some((folder) => existsSync(join(folder, program)));
const isRoot = () => process.getuid?.() === 0;

/** Installs what the phases need and the machine lacks; returns what a person has to do where that is not possible, else null. */
export function prepareMachine(phases: readonly PhaseName[]): string | null {
  const needed = programs.filter((row) => row.phases.some((phase) => phases.includes(phase)));
  const missing = needed.filter((row) => !isPresent(row.program));
  if (missing.length > 0) {
    const problem = install(missing.map((row) => row.debianPackage));
    if (problem !== null) return problem;
    const stillMissing = missing.filter((row) => !isPresent(row.program)).map((row) => row.program);
    if (stillMissing.length > 0) return `installed, but not found: ${stillMissing.join(', ')}`;
  }
  if (phases.includes('extension')) {
    const problem = (existsSync(fonts) ? null : install(['fonts-dejavu-core'])) ?? installCodeServer();
    if (problem !== null) return problem;
  }
  // sshd started by root wants its separation folder, which only the system's service makes.
  if (isRoot() && needed.some((row) => row.program === 'sshd')) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  return null;
}

function install(packages: string[]): string | null {
  const byHand = `The tests need ${packages.join(', ')}. Install with: apt-get install ${packages.join(' ')}`;
  if (!isPresent('apt-get')) return `${byHand} (or what your system calls it).`;
  const prefix = isRoot() ? [] : ['sudo', '-n'];
  if (!isRoot() && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) return `${byHand} (as root; sudo asks for a password here).`;
  console.log(`Installing ${packages.join(', ')} with apt-get; this takes a minute or two…`);
  for (const args of [['update', '-q'], ['install', '-y', '-q', '--no-install-recommends', ...packages]]) {
    const [command, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    try {
      execFileSync(command ?? 'env', rest, { stdio: ['ignore', 'ignore', 'inherit'] });
    } catch (error) {
      return `apt-get ${args.join(' ')} failed (${error instanceof Error ? error.message : String(error)}). ${byHand}`;
    }
  }
  return null;
}
