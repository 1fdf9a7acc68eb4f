import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { chmod } from 'node:fs/promises';
import { doctorReport, type DoctorReport } from '../../../src/cli/doctor/report.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';

const localIds = ['node', 'tmux', 'ssh', 'codex', 'codex-login', 'models', 'browser', 'passwords', 'config', 'permissions', 'data-dir', 'native', 'supervisor'];

describe('cockpit doctor', function () {
  this.timeout(40_000);
  let sshd: SshdFixture;
  let slow: SshdFixture;
  let cockpit: CockpitFixture;

  before(async () => {
    sshd = await startSshd();
    slow = await startSshd({ aliases: [], loginScript: 'sleep 60\n' });
  });
  after(async () => {
    await slow.stop();
    await sshd.stop();
  });
  beforeEach(async () => { cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile, CODEX_HOME: undefined }); });
  afterEach(() => cockpit.dispose());

  const examine = async (exitCode: number): Promise<DoctorReport> => {
    const result = await cockpit.cli('doctor', '--json');
    assert.equal(result.exitCode, exitCode, result.stdout + result.stderr);
    const report = doctorReport.parse(JSON.parse(result.stdout));
    for (const check of report.checks) assert.equal(check.mend === null, check.status === 'ok', JSON.stringify(check));
    return report;
  };
  const find = (report: DoctorReport, id: string) => {
    const found = report.checks.find((check) => check.id === id);
    assert.ok(found, id);
    return found;
  };

  it('CTL-3 CTL-4 checks everything of a new machine, in the documented shape, and fails for nothing there', async () => {
    const report = await examine(0);
    assert.deepEqual(report.checks.map(({ id }) => id), localIds);
    assert.equal(report.ok, true);
    assert.match(find(report, 'config').mend ?? '', /cockpit setup/);
    assert.match(find(report, 'codex-login').mend ?? '', /codex login/);
    assert.equal(find(report, 'native').status, 'ok');
  });

  it('CTL-3 CONF-3 a wrong configuration fails with its places; an unknown codex and an open directory too', async () => {
    await cockpit.writeConfig({ hosts: [], max_agents: -1 });
    await chmod(cockpit.paths.dataDir, 0o755);
    const report = await examine(1);
    assert.match(find(report, 'config').detail, /^config\.yaml:2:13: /);
    assert.match(find(report, 'permissions').mend ?? '', /chmod 700/);
    await chmod(cockpit.paths.dataDir, 0o700);
    await cockpit.writeConfig({ hosts: [], codex_path: '/nowhere/codex' });
    assert.match(find(await examine(1), 'codex').mend ?? '', /codex_path/);
  });

  it('CTL-3 CONF-8 a model that the catalog does not have is a warning with the nearest names', async () => {
    await cockpit.writeConfig({ local_agent_model: 'gpt-9-mini' });
    const models = find(await examine(0), 'models');
    assert.equal(models.status, 'warning');
    assert.match(models.detail, /local_agent_model gpt-9-mini is unknown.*is used instead/);
    assert.match(models.mend ?? '', /Set local_agent_model to one of gpt-\S+, gpt-\S+, gpt-/);
  });

  it('CTL-3 asks each host over a short connection of its own and leaves none behind', async () => {
    await cockpit.writeConfig({ hosts: [{ alias: 'box' }, { alias: 'nobody', ssh_target: 'nobody.invalid' }] });
    const before = sshd.logins();
    const report = await examine(1);
    assert.equal(find(report, 'host:box').status, 'ok');
    assert.match(find(report, 'host:box:tmux').detail, /^\d+\.\d+/);
    assert.ok(find(report, 'host:box:codex'));
    assert.match(find(report, 'host:nobody').mend ?? '', /ssh_target/);
    assert.equal(sshd.logins(), before + 1);
    // The fixture keeps the connection open with which it saw that the server answers.
    await until(() => sshd.commandLines().every((line) => line.includes('[accepted]')), { what: 'no connection is left' });
  });

  it('DISC-1 CTL-3 with a supervisor it uses the connection that is there', async () => {
    await cockpit.writeConfig({ hosts: [{ alias: 'box' }], codex_path: '/nowhere/codex' });
    await cockpit.must('up', '--no-attach');
    const before = sshd.logins();
    const report = await examine(1);
    assert.equal(find(report, 'host:box:tmux').status, 'ok');
    assert.match(find(report, 'supervisor').detail, /^runs/);
    assert.equal(sshd.logins(), before);
  });

  it('CTL-3 a host that never answers, or whose login shell hangs, takes no more than 12 s; 80 columns are enough', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    sshd.addAlias('silent', { Port: (silent.address() as AddressInfo).port });
    sshd.addAlias('slow', { Port: slow.port, IdentityFile: slow.userKey, UserKnownHostsFile: slow.knownHosts });
    await cockpit.writeConfig({ hosts: [{ alias: 'silent' }, { alias: 'slow' }] });
    const startMs = performance.now();
    const { exitCode, stdout } = await cockpit.cli('doctor');
    const tookMs = performance.now() - startMs;
    silent.close();
    assert.ok(tookMs < 12_000, `${tookMs} ms`);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^failed {3}silent +\S.*\n +→ /m);
    assert.match(stdout, /^failed {3}slow +no answer within 9 s\n +→ .*ssh slow/m);
    const long = stdout.split('\n').filter((line) => line.length > 80 && line.trim().includes(' ') && !line.includes('/'));
    assert.deepEqual(long, []);
  });
});
