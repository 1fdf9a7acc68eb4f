import { startTerminal } from './setup/terminal.ts';
import { localShell } from './setup/remote.ts';
import { codexFixture } from '../test/support/codex.ts';
const local = await localShell();
const t = await startTerminal(local);
const f = await codexFixture();
try {
const spec = f.spec('x');
const a = f.agent(spec);
await a.start(new AbortController().signal);
const l = a.tuiLaunch!;
console.log(l);
for (let i = 0; i < 12; i++) {
const s = t.shows('Ask Codex to do anything'); s.catch(() => undefined);
const t0 = performance.now();
await t.start(l.argv, l.env, l.cwd);
console.log('shown', await s - t0);
}
} catch (e) { console.log(e); }
await t.stop().catch(console.log); await f.dispose(); local.dispose();
