import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.ts';
import { until } from './until.ts';

/** A real keyring of a desktop: a session bus of its own with an unlocked gnome-keyring on it. */
export type KeyringFixture = { /** to be added to a program's environment */ env: NodeJS.ProcessEnv; stop(): Promise<void> };

/** Starts a bus and a keyring below a temporary folder. */
export async function startKeyring(): Promise<KeyringFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-'));
  const runtime = join(dir, 'runtime');
  await mkdir(runtime, { mode: 0o700 });
  const bus = startChild('dbus-daemon', ['--session', '--nofork', '--print-address', `--address=unix:path=${join(runtime, 'bus')}`]);
  const env = { DBUS_SESSION_BUS_ADDRESS: await bus.next(), XDG_RUNTIME_DIR: runtime };
  const daemon = startChild('gnome-keyring-daemon', ['--unlock', '--foreground', '--components=secrets'], { env: { PATH: process.env['PATH'], HOME: dir, ...env } });
  daemon.process.stdin.end('password of the keyring');
  await until(() => execFileSync('dbus-send', ['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/', 'org.freedesktop.DBus.GetNameOwner', 'string:org.freedesktop.secrets'], { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'ignore'] }), { what: 'the keyring serves' });
  return {
    env,
    async stop() {
      await daemon.kill();
      await bus.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
