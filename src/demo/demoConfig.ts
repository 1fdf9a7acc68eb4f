import { stringify } from 'yaml';
import type { DemoFiles } from './demoFiles.ts';

/** The demo's `config.yaml`: three local hosts, and a scripted model on loopback behind every agent. */
export function demoConfig(files: DemoFiles, model: { url: string }, codexPath: string): string {
  return stringify({
    hosts: files.hosts.map((host) => ({ alias: host.alias, transport: 'local', tmux_socket: host.socket })),
    local_agent_model: 'demo-model',
    codex_path: codexPath,
    codex_config: {
      model_provider: 'demo',
      model_providers: { demo: { name: 'Scripted model of the demo', base_url: model.url, wire_api: 'responses' } },
    },
  });
}
