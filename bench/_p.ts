import { startRemote } from './setup/remote.ts';
import { buildProduct, startProduct } from './setup/product.ts';
import { until } from '../test/support/until.ts';
import { execSync } from 'node:child_process';
buildProduct();
const remote = await startRemote(1, 10);
const p = await startProduct({ hosts: remote.hosts.map(({ alias, tmux }) => ({ alias, tmux_socket: tmux.socket })), max_agents: 0 }, { COCKPIT_SSH_CONFIG: remote.sshd.configFile });
try {
  await until(async () => (await p.sessions()).length === 10, { timeoutMs: 30000 });
  await new Promise((r) => setTimeout(r, 6000));
  execSync(`timeout 6 strace -f -tt -y -s 120 -o /tmp/strace.out -p ${p.pid} || true`, { stdio: 'inherit' });
  execSync(`timeout 8 strace -f -c -o /tmp/strace.sum -p ${p.pid} || true`, { stdio: 'inherit' });
  execSync(`timeout 6 strace -tt -s 300 -o /tmp/strace.tmux -p ${remote.hosts[0]!.tmuxPid} || true`, { stdio: 'inherit' });
} finally { await p.stop(); await remote.stop(); }
