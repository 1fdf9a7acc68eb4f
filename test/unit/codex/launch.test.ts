import assert from 'node:assert/strict';
import type { AgentSpec } from '../../../src/supervisor/adapters/codex/agentSpec.ts';
import { parseCodexVersion, supportsAppServer } from '../../../src/supervisor/adapters/codex/codexBinary.ts';
import { codexConfigText } from '../../../src/supervisor/adapters/codex/codexHome.ts';
import { appServerLaunch, launchHash, tuiLaunchOf } from '../../../src/supervisor/adapters/codex/launch.ts';
import { parseStat } from '../../../src/supervisor/adapters/codex/processRecord.ts';

const binary = { path: '/opt/codex', version: '0.169.0' };
const spec: AgentSpec = {
  key: 'ai~1', label: 'cockpit ai~1', home: '/d/homes/ai~1', workdir: '/d/agents/ai/1', socketPath: '/d/run/a/1', model: 'm', sandbox: 'workspace-write',
  codexConfig: {}, authFile: null, mcp: { url: 'http://127.0.0.1:1/mcp', token: 'very-secret' }, threadId: null,
};
const env = { PATH: '/bin', LANG: 'de_DE.UTF-8', OPENAI_API_KEY: 'sk-1', AWS_SECRET_ACCESS_KEY: 'x', SSH_AUTH_SOCK: '/s', HTTPS_PROXY: 'http://proxy:1' };

describe('launch of an agent', () => {
  it('PAIR-3 the environment is an allow-list: no secret of the operator, HOME and CODEX_HOME of the agent', () => {
    const { env: got } = appServerLaunch(binary, spec, env);
    assert.deepEqual(got, {
      PATH: '/bin', LANG: 'de_DE.UTF-8', HTTPS_PROXY: 'http://proxy:1', HOME: '/d/homes/ai~1', CODEX_HOME: '/d/homes/ai~1/.codex', TMPDIR: '/d/homes/ai~1/tmp', COCKPIT_TOKEN: 'very-secret',
    });
  });

  it('PAIR-3 the token is in no argument, and the TUI has it not at all', () => {
    const server = appServerLaunch(binary, spec, env);
    const tui = tuiLaunchOf(binary, spec, 'id', env);
    assert.ok(!server.argv.join(' ').includes('very-secret'));
    assert.ok(!JSON.stringify(tui).includes('very-secret'));
    assert.deepEqual(tui.argv, ['/opt/codex', 'resume', 'id', '--remote', 'unix:///d/run/a/1', '-C', '/d/agents/ai/1']);
  });

  it('PAIR-3 a proxy with a password reaches the app-server, and neither its arguments nor the pane', () => {
    const withProxies = { ...env, http_proxy: 'http://u:proxy-pass@h:1', ALL_PROXY: 'socks5://u:proxy-pass@h:2', no_proxy: 'localhost' };
    const server = appServerLaunch(binary, spec, withProxies);
    assert.equal(server.env['http_proxy'], 'http://u:proxy-pass@h:1');
    assert.ok(!server.argv.join(' ').includes('proxy-pass'));
    assert.doesNotMatch(JSON.stringify(tuiLaunchOf(binary, spec, 'id', withProxies)), /proxy/i);
  });

  it('PAIR-3 COCKPIT_* stays hidden from the shell when the operator hides more', () => {
    const { argv } = appServerLaunch(binary, { ...spec, codexConfig: { shell_environment_policy: { exclude: ['FOO'] } } }, env);
    assert.ok(argv.includes('shell_environment_policy.exclude=["COCKPIT_*", "FOO"]'));
  });

  it('PAIR-8 codex_config is merged in, but cannot bring back a dialog or the daemon', () => {
    const text = codexConfigText({ ...spec, codexConfig: { model_provider: 'p', approval_policy: 'on-request', features: { daemon_auto_start: true, hooks: false }, check_for_update_on_startup: true } });
    assert.match(text, /^model_provider = "p"$/m);
    assert.match(text, /^approval_policy = "never"$/m);
    assert.match(text, /^check_for_update_on_startup = false$/m);
    assert.match(text, /\[features\]\ndaemon_auto_start = false\nhooks = false/);
    assert.match(text, /\[projects\."\/d\/agents\/ai\/1"\]\ntrust_level = "trusted"/);
  });

  it('PAIR-2 ACCT-2 the hash changes with the token, the configuration and the login, and shows neither', () => {
    const hash = (changes: Partial<AgentSpec>) => launchHash(appServerLaunch(binary, { ...spec, ...changes }, env), codexConfigText({ ...spec, ...changes }), { ...spec, ...changes });
    const all = [hash({}), hash({ authFile: '/other/auth.json' }), hash({ authRound: 1 }), hash({ mcp: { ...spec.mcp, token: 'other' } }), hash({ model: 'n' }), hash({ sandbox: 'read-only' })];
    assert.equal(new Set(all).size, 6, 'a login that changed, or was renewed, too: who dies in the middle of a move leaves it to the next one');
    assert.equal(hash({}), hash({ threadId: 'x', label: 'y' }));
  });

  it('PAIR-8 reads versions and knows the first one with all that agents need', () => {
    assert.equal(parseCodexVersion('codex-cli 0.169.0\n'), '0.169.0');
    assert.equal(parseCodexVersion('something else'), null);
    assert.deepEqual(['0.168.9', '0.169.0', '0.170.1-alpha.2', '1.0.0'].map(supportsAppServer), [false, true, true, true]);
  });

  it('PAIR-2 a process is known by pid and start, whatever its name holds', () => {
    const fields = ['S', ...Array.from({ length: 18 }, () => '0'), '230798', '1'].join(' ');
    assert.deepEqual(parseStat(`16111 (a) (b c) ${fields}`), { pid: 16111, state: 'S', startTicks: '230798' });
    assert.equal(parseStat(''), null);
  });
});
