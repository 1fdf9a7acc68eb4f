import { requireNodeApi } from './requireNodeApi.ts';
import { runCli } from './program.ts';

// First of all: an older Node dies silently inside the SQLite module.
requireNodeApi(process.versions);
process.exitCode = await runCli(process.argv.slice(2));
