import { startRemote } from './setup/remote.ts';
import { startProduct } from './setup/_product.ts';
import { until } from '../test/support/until.ts';
import { cpuMs } from './measure/processCost.ts';
const remote = await startRemote(1, 10);
const p = await startProduct({ hosts: remote.hosts.map(({ alias, tmux }) => ({ alias, tmux_socket: tmux.socket })), max_agents: 0 }, { COCKPIT_SSH_CONFIG: remote.sshd.configFile, NODE_PATH: '/work/main/node_modules' });
try {
  await until(async () => (await p.sessions()).length === 10, { timeoutMs: 30000 });
  await new Promise((r) => setTimeout(r, 6000));
  const a = cpuMs(p.pid), t = performance.now();
  await new Promise((r) => setTimeout(r, 12000));
  console.log(process.env['BUNDLE'], ((cpuMs(p.pid) - a) / (performance.now() - t) * 100).toFixed(3));
} finally { await p.stop(); await remote.stop(); }
