// Records screens of the real Codex, and of programs that are not Codex, for the confusion table: `node test/recorder/recordScreens.ts [--codex PATH] [NAME…]`.
// Each is written to test/fixtures/screens/NAME-WIDTH.txt (NAME@VERSION-WIDTH.txt for a Codex of another version, at PATH): one line of JSON (title, command, cursor, width, height), then the screen as tmux shows it.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { startScriptedModel, type ScriptedModel } from '../../src/demo/scriptedModel.ts';
import { resolveCodex } from '../../src/supervisor/adapters/codex/codexBinary.ts';
import { scriptedProvider } from '../support/codex.ts';
import { startTestMcp, type TestMcp } from '../support/codexMcp.ts';
import { remoteCodex } from '../support/remoteCodex.ts';
import { startTmux, type TmuxFixture } from '../support/tmuxServer.ts';
import { until } from '../support/until.ts';
import { replies, scenarios, type Scenario } from './scenarios.ts';

const widths = [80, 110, 200];
const folder = fileURLToPath(new URL('../fixtures/screens/', import.meta.url));
const exec = promisify(execFile);

/** What every recording works with. */
type Stage = { tmux: TmuxFixture; model: ScriptedModel; mcp: TestMcp; codex: string };

const { values: { codex: otherCodex }, positionals: wanted } = parseArgs({ options: { codex: { type: 'string' } }, allowPositionals: true });
const ownCodex = await resolveCodex('codex', { ...process.env, PATH: '' });
const { path: codex, version } = otherCodex === undefined ? ownCodex : await resolveCodex(otherCodex, process.env);
const tag = otherCodex === undefined ? '' : `@${version}`;
const stage: Stage = { tmux: await startTmux(), model: await startScriptedModel({ script: replies }), mcp: await startTestMcp('token'), codex };
try {
  await mkdir(folder, { recursive: true });
  for (const scenario of scenarios.filter(({ name, program }) => (wanted.length === 0 || wanted.includes(name)) && (tag === '' || program === undefined))) {
    await Promise.all(widths.map((width) => record(stage, scenario, width)));
    process.stdout.write(`${scenario.name}\n`);
  }
} finally {
  await stage.model.close();
  await stage.mcp.close();
  await stage.tmux.stop();
}

async function record({ tmux, model, mcp, codex: binary }: Stage, scenario: Scenario, width: number): Promise<void> {
  const dir = await mkdtemp(join(tmux.dir, 's-'));
  const session = `s-${scenario.name}-${width}`;
  const height = scenario.height ?? 32;
  const remote = await remoteCodex(dir, binary, scriptedProvider(model.url), { mcp_servers: { cockpit: { url: mcp.url, http_headers: { Authorization: `Bearer ${mcp.token}` } } }, ...scenario.config });
  await writeFile(join(dir, 'project', 'notes.txt'), scenario.notes ?? 'nothing\n');
  await scenario.prepare?.(dir);
  const command = scenario.program === undefined ? `${tag === '' ? remote.command : remote.command.replace(' --no-daemon', '')} ${scenario.flags ?? ''}` : `cd '${dir}/project' && PS1='op@box:~/project$ ' ${scenario.program}`;
  await tmux.run('new-session', '-d', '-s', session, '-x', String(width), '-y', String(height), command);
  const target = `${session}:`;
  const screen = () => tmux.run('capture-pane', '-p', '-t', target);
  try {
    for (const step of scenario.steps) {
      if ('wait' in step) await until(async () => step.wait.test((await screen()).replace(/\s+/g, ' ')), { what: `${session}: ${String(step.wait)}`, timeoutMs: 15_000 });
      else if ('type' in step) await type(tmux, target, step.type, screen);
      else if ('keys' in step) await tmux.run('send-keys', '-t', target, ...step.keys);
      else if (tag !== '') await stands(screen); // Not every version sets titles.
      else await until(async () => step.title.test(await tmux.run('display-message', '-p', '-t', target, '#{pane_title}')), { what: `${session}: title`, timeoutMs: 15_000 });
    }
    const [title = '', program = '', x = '', y = ''] = (await tmux.run('display-message', '-p', '-t', target, '#{pane_title}\t#{pane_current_command}\t#{cursor_x}\t#{cursor_y}')).split('\t');
    const head = JSON.stringify({ title: clean(title, dir), command: program, cursor: { x: Number(x), y: Number(y) }, width, height });
    await writeFile(join(folder, `${scenario.name}${tag}-${width}.txt`), `${head}\n${clean(await screen(), dir)}\n`);
  } catch (error) {
    process.stderr.write(`${String(error)}\n${await screen()}\n`);
  }
  await tmux.run('kill-session', '-t', `=${session}`);
  await rm(dir, { recursive: true, force: true });
}

/** Waits until the screen stays as it is for a moment. */
async function stands(screen: () => Promise<string>): Promise<void> {
  await until(
    async () => {
      const before = await screen();
      await exec('sleep', ['1']);
      return before === (await screen());
    },
    { what: 'the screen stands still', timeoutMs: 15_000 },
  );
}

/** As a person types: the words, then Enter once they stand there. */
async function type(tmux: TmuxFixture, target: string, text: string, screen: () => Promise<string>): Promise<void> {
  await tmux.run('send-keys', '-t', target, '-l', '--', text);
  const tail = text.slice(-12).replace(/\s+/g, '');
  await until(async () => (await screen()).replace(/\s+/g, '').includes(tail), { what: `the text stands in ${target}`, timeoutMs: 10_000 });
  await exec('sleep', ['0.3']);
  await tmux.run('send-keys', '-t', target, 'Enter');
}

/** Paths of this run by ones of the same length, so that lines keep their wraps. */
function clean(text: string, dir: string): string {
  const stand = `/home/op/${'d'.repeat(Math.max(1, dir.length - 9))}`;
  return text.replaceAll(dir, stand);
}
