import assert from 'node:assert/strict';
import { formatProblems, parseConfig } from '../../../src/supervisor/adapters/configFile/parseConfig.ts';

/** What a person writes, and what has to be said; `|` stands for a newline. A message is compared from its start. */
const mistakes: [text: string, ...problems: string[]][] = [
  ['hosst: []', '1:1: "hosst" is not a key: allowed are hosts, accounts, local_agent_model'],
  ['hosst: []', '1:1: "hosst" is not a key: allowed are hosts, accounts, local_agent_model, remote_agent_model, local_agent_sandbox, poll_interval, max_agents, agent_may_approve, claim_timeout, wake, on_attention, codex_path, codex_config (did you mean hosts?)'],
  ['hosts:|  - alias: ai|    ssh-target: x', '3:5: "ssh-target" is not a key in hosts[0]: allowed are alias, ssh_target'],
  ['hosts:|  - ssh_target: ai', '2:5: hosts[0].alias is missing: use a name'],
  ['hosts:|  - alias: "my host"', '2:12: hosts[0].alias "my host" is not allowed: use a name without spaces'],
  ['hosts:|  - alias: -x', '2:12: hosts[0].alias "-x" is not allowed'],
  ['hosts:|  - alias: ""', '2:12: hosts[0].alias "" is not allowed'],
  ['hosts:|  - alias: a/b', '2:12: hosts[0].alias "a/b" is not allowed'],
  ['hosts:|  - alias: ..', '2:12: hosts[0].alias ".." is not allowed'],
  ['hosts:|  - alias: 42', '2:12: hosts[0].alias 42 is not allowed'],
  ['hosts:|  - alias:', '2:5: hosts[0].alias null is not allowed'],
  ['hosts:|  - alias: "a\\u0000b"', '2:12: hosts[0].alias "a\\u0000b" is not allowed'],
  ['hosts:|  - alias: "a\\u00a0b"', '2:12: hosts[0].alias "a\u00a0b" is not allowed'],
  ['hosts:|  - alias: a|  - alias: b|  - alias: a', '4:12: hosts[2].alias "a" is used twice: each needs its own'],
  ['hosts:|  - alias: a|    ssh_target: -oProxyCommand=x', '3:17: hosts[0].ssh_target "-oProxyCommand=x" is not allowed'],
  ['hosts:|  - alias: a|    transport: opnssh', '3:16: hosts[0].transport "opnssh" is not allowed: use openssh, ssh2 or local (did you mean openssh?)'],
  ['hosts:|  - alias: a|    transport: local', '3:16: hosts[0].transport "local" needs tmux_socket'],
  ['hosts:|  - alias: a|    tmux_socket: "a b"', '3:18: hosts[0].tmux_socket "a b" is not allowed'],
  ['hosts:|  - alias: a|    tmux_socket: ~/x', '3:18: hosts[0].tmux_socket "~/x" is not allowed'],
  ['hosts:|  - alias: a|    wake: yes', '3:11: hosts[0].wake "yes" is not allowed: use true or false'],
  ['hosts:|  - alias: a|    forward_agent: 1', '3:20: hosts[0].forward_agent 1 is not allowed: use true or false'],
  ['hosts:|  - alias: a|    approvals: never', '3:16: hosts[0].approvals "never" is not allowed: use bypass or ask'],
  ['hosts:|  - alias: a|    remote_auth: yes', '3:18: hosts[0].remote_auth "yes" is not allowed: use ask, allow or never'],
  ['hosts:|  - alias: a|    codex_config: {a: null}', '3:23: hosts[0].codex_config.a is not allowed: use text, a number'],
  ['hosts:|  - ai', '2:5: hosts[0] "ai" is not allowed: use a map with at least `alias: NAME`'],
  ['hosts: ai', '1:8: hosts "ai" is not allowed: use a list of hosts'],
  ['hosts:|  alias: ai', '2:3: hosts {"alias":"ai"} is not allowed: use a list of hosts'],
  ['- alias: ai', '1:1: the file [{"alias":"ai"}] is not allowed: use a map of settings'],
  ['accounts:|  - key: work', '2:5: accounts[0].email is missing: use an e-mail address'],
  ['accounts:|  - {key: work, email: nobody}', '2:24: accounts[0].email "nobody" is not allowed: use an e-mail address'],
  ['accounts:|  - {key: ../x, email: a@b}', '2:11: accounts[0].key "../x" is not allowed: use letters, digits'],
  ['accounts:|  - {key: w, email: a@b}|  - {key: w, email: c@d}', '3:11: accounts[1].key "w" is used twice'],
  ['poll_interval: 2', '1:16: poll_interval 2 is not allowed: use a duration from 200ms to 1h with its unit (units'],
  ['poll_interval: off', '1:16: poll_interval "off" is not allowed: use a duration'],
  ['poll_interval: 0s', '1:16: poll_interval "0s" is not allowed: use a duration from 200ms'],
  ['claim_timeout: 15 minutes', '1:16: claim_timeout "15 minutes" is not allowed: use a duration from 1s to 24h with its unit, or off'],
  ['claim_timeout: false', '1:16: claim_timeout false is not allowed'],
  ['max_agents: -1', '1:13: max_agents -1 is not allowed: use a whole number from 0 to 1000'],
  ['max_agents: 2.5', '1:13: max_agents 2.5 is not allowed'],
  ['wake: true', '1:7: wake true is not allowed: use a map of idle_seconds'],
  ['wake: {idle_secs: 3}', '1:8: "idle_secs" is not a key in wake: allowed are idle_seconds, max_per_hour, give_up_after (did you mean idle_seconds?)'],
  ['wake: {idle_seconds: 0}', '1:22: wake.idle_seconds 0 is not allowed: use a whole number from 1'],
  ['local_agent_sandbox: none', '1:22: local_agent_sandbox "none" is not allowed: use read-only, workspace-write or danger-full-access'],
  ['local_agent_model: ""', '1:20: local_agent_model "" is not allowed'],
  ['on_attention: [a, b]', '1:15: on_attention ["a","b"] is not allowed: use a command line, or null'],
  ['codex_path: ""', '1:13: codex_path "" is not allowed'],
  ['hosts: []|hosts: []', '2:1: not valid YAML: Map keys must be unique'],
  ['hosts: [', '1:9: not valid YAML: '],
  ['hosts:|\t- alias: a', '2:1: not valid YAML: Tabs are not allowed as indentation'],
  ['hosts: *nobody', '1:8: not valid YAML: Unresolved alias'],
  ['hosts: !secret []', '1:8: not valid YAML: Unresolved tag'],
  ['hosts: []|---|hosts: []', '2:1: not valid YAML: Source contains multiple documents'],
];

describe('mistakes in config.yaml', () => {
  for (const [text, ...expected] of mistakes) {
    it(`CONF-3 ${text}`, () => {
      const parsed = parseConfig(text.replaceAll('|', '\n'));
      assert.equal(parsed.ok, false);
      const lines = formatProblems(parsed.problems).split('\n');
      assert.deepEqual(
        lines.map((line, index) => line.slice(0, `config.yaml:${expected[index] ?? ''}`.length)),
        expected.map((problem) => `config.yaml:${problem}`),
        lines.join('\n'),
      );
    });
  }

  it('CONF-3 all problems at once, in the order of the file', () => {
    const parsed = parseConfig('max_agents: x\nhosts:\n  - alias: a\n    tranport: local\n    wake: 1\n  - {}\npoll_intervall: 2s\n');
    assert.equal(parsed.ok, false);
    assert.deepEqual(parsed.problems.map(({ line, col }) => `${line}:${col}`), ['1:13', '4:5', '5:11', '6:5', '7:1']);
  });

  it('CONF-6 no error quotes a password or a value of codex_config', () => {
    const canary = 'hunter2';
    const texts = [
      `accounts:\n  - {key: w, email: x, password: [${canary}]}`,
      `accounts:\n  - key: w\n    email: a@b\n    password: *${canary}`,
      `accounts:\n  - key: w\n    email: a@b\n    password: !${canary} x`,
      `codex_config: {token: ["${canary}", null]}`,
      `codex_config: ${canary}`,
    ];
    for (const text of texts) {
      const parsed = parseConfig(text);
      assert.equal(parsed.ok, false, text);
      assert.ok(!formatProblems(parsed.problems).includes(canary), formatProblems(parsed.problems));
    }
  });
});
