import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

const explained = z.object({ state: z.string(), evidence: z.array(z.object({ source: z.string(), says: z.string(), value: z.string(), ageMs: z.number() })), conflicts: z.array(z.string()) });

describe('states of a session', function () {
  this.timeout(60_000);
  let remote: TmuxFixture;
  let cockpit: CockpitFixture;
  before(async () => {
    remote = await startTmux();
    await remote.newSession('cockpit-rest', `printf '\\342\\226\\240 Taking a break\\n\\n\\342\\200\\272 Ask Codex to do anything\\n\\n  fake \\302\\267 ~/x\\n'; exec cat`);
    await remote.run('kill-session', '-t', 'cockpit-keep');
    cockpit = await cockpitFixture();
    await cockpit.writeConfig({ hosts: [{ alias: 'box', transport: 'local', tmux_socket: remote.socket }], codex_path: '/nonexistent/codex' });
    await cockpit.must('up', '--no-attach');
  });
  after(async () => {
    await cockpit.dispose();
    await remote.stop();
  });
  const explain = async () => explained.parse(JSON.parse(await cockpit.must('explain', 'box/rest', '--json')));
  const state = (wanted: string) => cockpit.session((session) => session.state === wanted, wanted);

  it('STATE-3 markers.yaml is in force as soon as it is written, a wrong one changes nothing and is told, and without it all is as before', async () => {
    await state('error');
    const { pid } = (await cockpit.status()).supervisor;
    await writeFile(cockpit.paths.markers, "version: mine\ncells:\n  - { id: resting, says: idle, pattern: '^■ Taking a break' }\n");
    await state('idle');
    assert.match((await explain()).evidence[0]?.value ?? '', /^resting: ■ Taking a break/);
    await writeFile(cockpit.paths.markers, "cells:\n  - { id: resting, says: lazy, pattern: '^■ Taking a break' }\n");
    const told = await until(async () => (await cockpit.status()).supervisor.notices.find((notice) => notice.includes('markers.yaml')), { what: 'the notice', timeoutMs: 20_000 });
    assert.match(told, /signs from before stay in force: markers\.yaml:2:\d+: cells\[0\]\.says "lazy" is not allowed: use one of working/);
    await state('idle');
    await rm(cockpit.paths.markers);
    await state('error');
    const after = (await cockpit.status()).supervisor;
    assert.deepEqual([after.pid, after.notices.filter((notice) => notice.includes('markers.yaml'))], [pid, []]);
  });

  it('STATE-2 `explain` shows the evidence with its age, and what speaks against the state', async () => {
    await remote.run('select-pane', '-t', 'cockpit-rest', '-T', '⠸ project');
    await state('working');
    const first = await explain();
    assert.deepEqual(first.evidence.map(({ source, says }) => [source, says]), [['title', 'working'], ['screen', 'error']]);
    assert.deepEqual(first.conflicts, ['screen says error, the session counts as working']);
    await until(async () => (await explain()).evidence.every((row, at) => row.ageMs > (first.evidence[at]?.ageMs ?? 0)), { what: 'the evidence grows older' });
    assert.match(await cockpit.must('explain', 'box/rest'), /is working\n {2}title says working \(\d+ s ago\): ⠸ project\n[^]*conflict: screen says error/);
  });
});
