import { appendFileSync, readFileSync, watchFile } from 'node:fs';

/** A remote that belongs to an attacker: shows whatever stands in a file, keeps all that is typed into it, and runs nothing. Arguments: the file to show, the file for its input. */
const [, , shown = '', log = ''] = process.argv;

process.stdin.setRawMode(true);
process.stdin.on('data', (chunk) => {
  appendFileSync(log, chunk);
  // Something moves, so that nobody waits for a reaction.
  process.stdout.write('.');
});
watchFile(shown, { interval: 20 }, () => {
  process.stdout.write(`\u001b[0m\u001b[2J\u001b[H${readFileSync(shown, 'utf8').replaceAll('\n', '\r\n')}`);
});
process.stdout.write('ready');
