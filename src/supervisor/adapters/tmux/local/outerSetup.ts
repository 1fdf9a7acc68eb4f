import type { KeyWord } from './keyFifo.ts';
import { tmuxQuote, writeLineScript } from './lineFifo.ts';
import { commonSetup } from './serverOptions.ts';
import { headingFormat, tierFormat } from './statusLine.ts';
import type { Words } from './tmuxText.ts';

const keys: readonly (readonly [string, KeyWord])[] = [
  ['F1', 'next-host'],
  ['S-F1', 'previous-host'],
  ['F2', 'next-session'],
  ['S-F2', 'previous-session'],
  ['F3', 'toggle-focus'],
  ['F5', 'toggle-wake'],
  ['F12', 'down'],
];

/** Options, keys and mouse of the outer server. All that is shown by style is also shown by a character, so it reads without colours. */
export function outerSetup(term: string, keyFifo: string): Words[] {
  return [
    ...commonSetup(term),
    ['set-option', '-g', 'status', 'on'],
    ['set-option', '-g', 'status-interval', '0'],
    ['set-option', '-g', 'status-style', 'fg=default,bg=default,reverse'],
    ['set-option', '-g', 'message-style', 'fg=default,bg=default,reverse'],
    ['set-option', '-g', 'status-justify', 'left'],
    ['set-option', '-g', 'status-left-length', '100'],
    ['set-option', '-g', 'status-right-length', '100'],
    ['set-option', '-g', 'status-left', `#{?${tierFormat('left')}, ${tierFormat('left')} |,}`],
    ['set-option', '-g', 'status-right', `| ${tierFormat('right')} `],
    ['set-option', '-gw', 'window-status-separator', ''],
    ['set-option', '-gw', 'window-status-format', ' #{window_name}#{@cockpit_needs} '],
    ['set-option', '-gw', 'window-status-current-format', '#[bold][#{window_name}#{@cockpit_needs}]#[nobold]'],
    ['set-option', '-gw', 'pane-border-status', 'top'],
    ['set-option', '-gw', 'pane-border-style', 'default'],
    ['set-option', '-gw', 'pane-active-border-style', 'bold'],
    ['set-option', '-gw', 'pane-border-format', headingFormat()],
    ...keys.map(([key, word]) => ['bind-key', '-T', 'root', key, ...pressed(word, keyFifo)]),
    // A press soon after another one, wherever that was, has a name of its own.
    ...['MouseDown1', 'SecondClick1', 'TripleClick1'].flatMap((press) => [
      ['bind-key', '-T', 'root', `${press}Pane`, 'select-pane -t = ; send-keys -M'],
      ['bind-key', '-T', 'root', `${press}Border`, 'select-pane -t ='],
      ['bind-key', '-T', 'root', `${press}Status`, 'select-window -t ='],
    ]),
    // This one is an echo of the second press; unbound it would reach the program as a third.
    ['bind-key', '-T', 'root', 'DoubleClick1Pane', 'select-pane -t ='],
    ['bind-key', '-T', 'root', 'MouseDrag1Border', 'resize-pane -M'],
  ];
}

function pressed(word: KeyWord, keyFifo: string): Words {
  const script = writeLineScript(keyFifo, word);
  if (word !== 'down') return ['run-shell', '-b', script];
  return ['confirm-before', '-p', 'take the cockpit down? remote sessions go on (y/n)', `run-shell -b ${tmuxQuote(script)}`];
}
