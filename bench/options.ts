import { parseArgs } from 'node:util';
import type { Effort, Row } from './row.ts';

/** What a command line asks for. */
export type Options = { rows: Row[]; effort: Effort; json: boolean };

const usual: Effort = { sessions: [1, 10, 50, 100], hosts: [1, 10, 30], rounds: 1, agents: 4 };
const quick: Effort = { sessions: [1, 10], hosts: [1], rounds: 0.4, agents: 1 };

/** `[quick | ROW…] [--json] [--sessions 1,10] [--hosts 1,10] [--agents N] [--rounds F]`. Throws an Error with the usage when it is something else. */
export function parseOptions(argv: string[], all: Row[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { json: { type: 'boolean' }, sessions: { type: 'string' }, hosts: { type: 'string' }, agents: { type: 'string' }, rounds: { type: 'string' } },
    });
    const isQuick = positionals.includes('quick');
    const base = isQuick ? quick : usual;
    return {
      rows: chosenRows(positionals.filter((word) => word !== 'quick'), isQuick, all),
      effort: {
        sessions: values.sessions === undefined ? base.sessions : values.sessions.split(',').map(positive),
        hosts: values.hosts === undefined ? base.hosts : values.hosts.split(',').map(positive),
        agents: values.agents === undefined ? base.agents : positive(values.agents),
        rounds: values.rounds === undefined ? base.rounds : positive(values.rounds),
      },
      json: values.json === true,
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${usage(all)}`, { cause: error });
  }
}

function chosenRows(names: string[], isQuick: boolean, all: Row[]): Row[] {
  for (const name of names) if (!all.some((row) => row.name === name)) throw new Error(`there is no row ${name}`);
  if (names.length > 0) return all.filter((row) => names.includes(row.name));
  return isQuick ? all.filter((row) => row.isQuick) : all;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`not a positive number: ${text}`);
  return value;
}

function usage(all: Row[]): string {
  const width = Math.max(...all.map((row) => row.name.length));
  const list = all.map((row) => `  ${row.name.padEnd(width)}  ${row.about}${row.isQuick ? ' (quick)' : ''}`).join('\n');
  return `npm run bench -- [quick | ROW…] [--json] [--sessions 1,10,50,100] [--hosts 1,10,30] [--agents 12] [--rounds 2]\n\n${list}`;
}
