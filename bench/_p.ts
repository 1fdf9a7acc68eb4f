import { startRemote } from './setup/remote.ts';
import { startProduct } from './setup/product.ts';
import { until } from '../test/support/until.ts';
import { cpuMs, processes } from './measure/processCost.ts';
import { startScriptedModel } from '../src/demo/scriptedModel.ts';
import { scriptedProvider } from '../test/support/codex.ts';
import { execSync } from 'node:child_process';
const remote = await startRemote(1, 12);
const model = await startScriptedModel();
const p = await startProduct({ hosts: remote.hosts.map(({ alias, tmux }) => ({ alias, tmux_socket: tmux.socket })), local_agent_model: 'fake-model', codex_config: scriptedProvider(model.url) }, { COCKPIT_SSH_CONFIG: remote.sshd.configFile }).catch(async (e) => { await remote.stop(); throw e; });
try {
  await until(async () => (await p.sessions()).filter((s) => s.agent.state === 'idle').length === 12, { timeoutMs: 60000 });
  const kinds = () => { const mine = new Set(p.pids()); return processes().filter((x) => mine.has(x.pid) && /\/codex /.test(x.command)).map((x) => [x.pid, x.command.includes('app-server') ? 'app' : x.command.includes(' resume ') ? 'tui' : x.command.slice(0, 150)] as const); };
  for (let i = 0; i < 7; i++) {
    const k = kinds(); const a = new Map(k.map(([pid]) => [pid, cpuMs(pid)]));
    await new Promise((r) => setTimeout(r, 10000));
    const sum: Record<string, string[]> = {};
    for (const [pid, kind] of k) (sum[kind] ??= []).push(((cpuMs(pid) - a.get(pid)!) / 100).toFixed(2));
    console.log(i, JSON.stringify(sum), new Set(kinds().map(([pid]) => pid)).size, 'started', kinds().filter(([pid]) => !a.has(pid)).length, 'model requests', model.requests.length);
  }
  const [pid] = kinds().find(([, k]) => k === 'app')!;
  execSync(`timeout 4 strace -f -c -o /tmp/ck-app.sum -p ${pid} 2>/dev/null || true; head -12 /tmp/ck-app.sum; rm /tmp/ck-app.sum`, { stdio: 'inherit' });
} finally { await p.stop(); await model.close(); await remote.stop(); }
