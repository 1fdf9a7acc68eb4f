import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { initialConfigText } from '../../../src/supervisor/adapters/configFile/initialConfig.ts';
import { parseConfig } from '../../../src/supervisor/adapters/configFile/parseConfig.ts';
import type { Config } from '../../../src/supervisor/domain/config.ts';

const defaults: Config = {
  hosts: [],
  accounts: [],
  localAgentModel: 'gpt-5.4-mini',
  remoteAgentModel: 'gpt-5.4',
  localAgentSandbox: 'workspace-write',
  pollIntervalMs: 2000,
  maxAgents: 20,
  agentMayApprove: 'read-only', claimTimeoutMs: null,
  wake: { idleSeconds: 30, maxPerHour: 12, giveUpAfter: 5 },
  onAttention: null,
  codexPath: 'codex',
  codexConfig: {},
};

function load(text: string): Config {
  const parsed = parseConfig(text);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.config;
}

describe('parseConfig', () => {
  it('CONF-2 every key has the default of the contract, also in a file with nothing in it', () => {
    assert.deepEqual(load(''), defaults);
    assert.deepEqual(load('# only a comment\n'), defaults);
    assert.deepEqual(load('hosts:\naccounts:\ncodex_config:\n'), defaults);
    assert.deepEqual(load(initialConfigText()), defaults);
  });

  it('CONF-2 every commented line of the first file is right when it is taken in', () => {
    assert.deepEqual(load(initialConfigText().replace(/^# (?=[a-z_]+: )/gm, '')), defaults);
  });

  it('CONF-5 a host needs only its alias', () => {
    assert.deepEqual(load('hosts: [{alias: ai}]').hosts, [
      { alias: 'ai', sshTarget: 'ai', transport: 'openssh', tmuxSocket: null, forwardAgent: true, wake: true, approvals: 'bypass', remoteAuth: 'ask', claimOnAnyKey: false, codexConfig: {} },
    ]);
  });

  it('CONF-3 durations, off and null mean what they say', () => {
    const config = load('poll_interval: 500ms\nclaim_timeout: 15m\non_attention: null\n');
    assert.equal(config.pollIntervalMs, 500);
    assert.equal(config.claimTimeoutMs, 900_000);
    assert.equal(load('claim_timeout: off').claimTimeoutMs, null);
    assert.equal(load('claim_timeout: 1.5h').claimTimeoutMs, 5_400_000);
  });

  it('CONF-7 config/hosts.example.yaml loads, and sets every key that exists', () => {
    const text = readFileSync(new URL('../../../config/hosts.example.yaml', import.meta.url), 'utf8');
    const config = load(text);
    assert.deepEqual(config.hosts.map((host) => host.alias), ['ai', 'train', 'here']);
    assert.deepEqual(config.hosts[1]?.codexConfig, { model_reasoning_effort: 'low' });
    assert.deepEqual(config.accounts.map((account) => account.key), ['work', 'spare']);
    const snake = (key: string) => key.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const [host] = config.hosts;
    assert.ok(host);
    for (const key of [...Object.keys(config), ...Object.keys(host), ...Object.keys(config.wake), 'key', 'email', 'password'].map(snake)) {
      assert.match(text, new RegExp(`\\b${key}:`), `${key} is not in the example`);
    }
  });
});
