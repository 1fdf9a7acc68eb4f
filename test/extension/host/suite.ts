import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { commandIds, viewId } from '../../../src/views/ids.ts';
import { until } from '../../support/until.ts';

const id = 'cockpit.cockpit';
const activationLimitMs = 100;
const blockedLimitMs = 20;

describe('inside the extension host', () => {
  it('VSC-1 activate() takes less than 100 ms', async () => {
    const extension = vscode.extensions.getExtension(id);
    assert.ok(extension, 'the extension is installed');
    const startedMs = performance.now();
    await extension.activate();
    const tookMs = performance.now() - startedMs;
    console.log(`activate: ${Math.round(tookMs)} ms`);
    assert.ok(tookMs < activationLimitMs, `${tookMs} ms`);
  });

  it('VSC-4 registers every command that package.json declares', async () => {
    const all = new Set(await vscode.commands.getCommands(true));
    for (const command of Object.values(commandIds)) assert.ok(all.has(command), command);
  });

  it('VSC-4 the key commands skip the shell', () => {
    const list = vscode.workspace.getConfiguration('terminal.integrated').get<string[]>('commandsToSkipShell', []);
    assert.ok(list.includes(commandIds.nextHost) && list.includes(commandIds.down), list.slice(-10).join());
  });

  it('VSC-1 the supervisor with 30 sessions never holds the event loop for more than 20 ms', async () => {
    await vscode.commands.executeCommand(`${viewId}.focus`);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    await until(() => vscode.extensions.getExtension(id)?.isActive);
    const watchedMs = Number(process.env['COCKPIT_HOST_WATCH_MS'] ?? '10000');
    const endMs = performance.now() + watchedMs;
    delay.enable();
    await until(() => performance.now() > endMs, { timeoutMs: watchedMs + 5_000 });
    delay.disable();
    const worstMs = delay.max / 1e6;
    console.log(`event loop: max ${worstMs.toFixed(1)} ms, p99.9 ${(delay.percentile(99.9) / 1e6).toFixed(1)} ms over ${watchedMs} ms`);
    assert.ok(delay.percentile(99.9) / 1e6 < blockedLimitMs, `p99.9 ${delay.percentile(99.9) / 1e6} ms, max ${worstMs} ms`);
  });
});
