import { readFileSync } from 'node:fs';
import { pace } from '../pace.ts';
import { descendantsOf } from '../processTree.ts';

/** What the programs below this process were started with, for as long as it was watched. */
export type Watch = { /** `COMMAND LINE` of each */ commandLines: Set<string>; /** programs whose environment held `needle` */ holders: Set<string>; stop(): Promise<void> };

/** Looks at every program below `root` again and again; `needle` is a secret that none of them needs. */
export function watchChildren(root: number, needle: string): Watch {
  const watch = { commandLines: new Set<string>(), holders: new Set<string>() };
  const ending = new AbortController();
  const watching = (async () => {
    while (!ending.signal.aborted) {
      for (const { pid, commandLine } of descendantsOf(root)) {
        watch.commandLines.add(commandLine);
        if (environmentOf(pid).includes(needle)) watch.holders.add(commandLine);
      }
      await pace(20);
    }
  })();
  return {
    ...watch,
    async stop() {
      ending.abort();
      await watching;
    },
  };
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return ''; // it ended while /proc was read
  }
}
