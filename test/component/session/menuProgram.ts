import { appendFileSync } from 'node:fs';

/**
 * Draws a question as Codex does and keeps every byte that it gets. Arguments: the file for the bytes, `menu`, `stuck` (a menu whose selection does not move),
 * `fickle` (a menu that asks something else at the first key), `yes-no`, `letter` (takes a y/n without Enter) or `again` (a menu that stays); and the command that is asked about.
 */
const [, , log = '', kind = 'menu', asked = 'make release --with-\u001b[0mall-targets'] = process.argv;
const options = ['Yes, proceed (y)', "Yes, and don't ask again for commands that start with `make` (p)", 'No, and tell Codex what to do differently (esc)'];
let selected = 0;
let command = asked;
let typed = '';

process.stdin.setRawMode(true);
draw();
process.stdin.on('data', (chunk) => {
  appendFileSync(log, chunk);
  const keys = chunk.toString('latin1');
  if (kind === 'yes-no' || kind === 'letter') answer(keys);
  else choose(keys);
});

function choose(keys: string): void {
  if (kind === 'fickle') command = 'rm -r build';
  for (const key of keys.match(/\u001b\[[AB]|[^]/g) ?? []) { // eslint-disable-line no-control-regex -- arrows
    if (key === '\r' && kind !== 'again') {
      end(`CHOSEN ${selected + 1}`);
      return;
    }
    if (kind === 'stuck') continue;
    if (key === '\u001b[B') selected = (selected + 1) % options.length;
    if (key === '\u001b[A') selected = (selected + options.length - 1) % options.length;
  }
  draw();
}

function answer(keys: string): void {
  typed += keys;
  if (kind === 'letter') end(`CHOSEN ${typed[0] ?? ''}`);
  else if (typed.includes('\r')) end(`CHOSEN ${typed.trim()}`);
  else process.stdout.write(keys);
}

function end(words: string): void {
  process.stdout.write(`\u001b[2J\u001b[H${words}\r\n`);
}

function draw(): void {
  if (kind === 'yes-no' || kind === 'letter') {
    process.stdout.write('Overwrite the file? [y/N] ');
    return;
  }
  const rows = options.map((words, at) => `${at === selected ? '›' : ' '} ${at + 1}. ${words}`);
  const lines = ['', '  Would you like to run the following command?', '', `  $ ${command}`, '', '', ...rows, '', '  Press enter to confirm or esc to cancel'];
  process.stdout.write(`\u001b[2J\u001b[H${lines.join('\r\n')}`);
}
