import { appendFileSync } from 'node:fs';
import { systemClock } from '../../src/supervisor/base/clock.ts';
import { startTmux, type TmuxFixture } from './tmuxServer.ts';

const sessions = 100;
const changeEveryMs = 500;

/** A tmux server whose 100 sessions (`cockpit-s0`…) change twice a second. */
export async function startChangingHost(): Promise<Pick<TmuxFixture, 'socket' | 'stop'>> {
  const tmux = await startTmux();
  for (let index = 0; index < sessions; index += 1) await tmux.newSession(`cockpit-s${index}`, `printf 'here is s${index}.\\n'; exec cat`);
  const terminals = (await tmux.run('list-panes', '-a', '-F', '#{pane_tty}')).split('\n');
  let count = 0;
  // A program in each pane sets its title: what the row's tooltip says, so that every row changes.
  const changing = systemClock.every(changeEveryMs, () => {
    count += 1;
    for (const terminal of terminals) appendFileSync(terminal, `\u001b]2;step ${count}\u0007`);
  });
  return {
    socket: tmux.socket,
    async stop() {
      changing.dispose();
      await tmux.stop();
    },
  };
}
