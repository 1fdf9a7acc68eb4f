import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { demoConfig } from './demoConfig.ts';
import { demoFiles } from './demoFiles.ts';
import { demoScript } from './demoScript.ts';
import { churn, startFirstSessions } from './orchestrator.ts';
import { startScriptedModel } from './scriptedModel.ts';
import { standInScript } from './standIn.ts';

const stepMs = 12_000;

/** Runs the demo's world until the signal: three fake hosts, their changing sessions and the scripted model. The configuration is written last. `codexPath` null: there is no usable Codex. */
export async function runDemo(root: string, options: { codexPath: string | null; signal: AbortSignal }): Promise<void> {
  const files = demoFiles(root);
  for (const dir of [files.root, files.paths.dataDir, files.paths.runtime]) {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await chmod(dir, 0o700);
  }
  const model = await startScriptedModel({ script: demoScript });
  try {
    const orchestrator = { hosts: files.hosts, log: files.log, stepMs, random: Math.random, signal: options.signal, env: process.env };
    await startFirstSessions(orchestrator);
    if (options.codexPath === null) await writeFile(files.standIn, standInScript, { mode: 0o700 });
    const part = `${files.paths.config}.part`;
    await writeFile(part, demoConfig(files, model, options.codexPath ?? files.standIn), { mode: 0o600 });
    await rename(part, files.paths.config);
    await churn(orchestrator);
  } finally {
    await model.close();
  }
}
