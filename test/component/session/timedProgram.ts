import { appendFileSync } from 'node:fs';

/** Keeps when (ms) each chunk of input came and what it was, a line each, and shows it after a delay, as a slow program does. Arguments: file, delay in ms. */
const [, , log = '', echoAfterMs = '0'] = process.argv;

process.stdin.setRawMode(true);
process.stdout.write('ready\r\n');
process.stdin.on('data', (chunk) => {
  appendFileSync(log, `${performance.now()} ${chunk.toString('hex')}\n`);
  // eslint-disable-next-line no-restricted-globals -- this plays a slow program
  setTimeout(() => {
    appendFileSync(log, `${performance.now()} shown\n`);
    process.stdout.write(chunk.toString('latin1').replace(/[^ -~]/g, '.'));
  }, Number(echoAfterMs));
});
