import { assertNever } from '../../../src/supervisor/base/assertNever.ts';
import { markCommands } from './paneLog.ts';
import { idsOf, paneAt, type Run } from './run.ts';
import type { Deed } from './schedule.ts';

/** What the third person's client sends; `mark` puts what happened into the logs, in the same command list. */
export function personLine(run: Run, deed: Exclude<Extract<Deed, { by: 'person' }>, { do: 'cut' }>): string {
  const panes = idsOf(run);
  const mark = (what: string, where = panes) => markCommands(where, what);
  const pane = 'pane' in deed ? paneAt(run, deed.pane) : paneAt(run, 0);
  switch (deed.do) {
    case 'key':
      return `send-keys -t ${pane} -H ${Buffer.from('\x01Mkey\x02').toString('hex').replace(/..(?!$)/g, '$& ')}`;
    case 'copy-mode':
      return `copy-mode -t ${pane}`;
    case 'choose-mode':
      return `choose-tree -t ${pane}`;
    case 'select-pane':
      return `select-window -t '${run.id}:.${pane}' ; select-pane -t '${run.id}:.${pane}' ; ${mark(`active:${pane}`)}`;
    case 'input-off':
      return `${mark('off', [pane])} ; select-pane -d -t ${pane}`;
    case 'kill-pane':
      return `kill-pane -t ${pane} ; ${mark('active:?')}`;
    case 'end-program':
      run.ended.add(pane);
      return `set-option -w -t ${pane} remain-on-exit on ; respawn-pane -k -t ${pane} true`;
    case 'synchronize':
      return [...panes.map((one) => `if-shell -F 1 { set-option -p -t ${one} synchronize-panes ${deed.on ? 'on' : 'off'} }`), mark(`sync:${deed.on ? 'on' : 'off'}`)].join(' ; ');
    case 'new-window':
      // A program that no byte ends, and that reads none.
      return `new-window -t '${run.id}:' 'trap "" INT QUIT TSTP; exec sleep 600' ; ${mark('active:new')}`;
    case 'group':
      return `new-session -d -t '${run.id}' -s grouped-${run.name}`;
    case 'own-group':
      // Its own mark would let an early agent of a in.
      return `set-option -t '=grouped-${run.name}:' @cockpit_owner agent:a ; set-option -t '=grouped-${run.name}:' @cockpit_epoch 1`;
    case 'kill-session':
      return `kill-session -t '${run.id}' ; ${mark('killed')}`;
    case 'rename':
    case 'copy-mode by process':
      throw new Error(`${deed.do} is no line`);
    default:
      return assertNever(deed);
  }
}
