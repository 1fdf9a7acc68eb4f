import { requireNodeApi } from './requireNodeApi.ts';
import { runCli } from './program.ts';

// First of all: an older Node dies silently inside the SQLite module.
requireNodeApi(process.versions);
void runCli(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
