import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { CockpitError, messageOf } from '../../base/errors.ts';
import type { CodexConfig } from '../../domain/config.ts';
import type { CodexBinary } from './codexBinary.ts';

/** One model that the installed Codex knows. */
export type CatalogModel = { slug: string; description: string; listed: boolean; /** its successor that Codex advertises, or null */ successor: string | null };

/** Whether a configured model can be used; else names for the person, and what the run uses instead (CONF-8). */
export type ModelCheck = { kind: 'ok' } | { kind: 'unknown'; nearest: string[]; substitute: string | null };

const catalogSchema = z.object({
  models: z.array(z.object({ slug: z.string(), description: z.string().nullish(), visibility: z.string(), upgrade: z.object({ model: z.string() }).nullish() })),
});

/** The catalog that ships with this Codex; needs no account and no network. Throws CockpitError. */
export async function readCatalog(binary: CodexBinary, env: NodeJS.ProcessEnv): Promise<CatalogModel[]> {
  try {
    const { stdout } = await promisify(execFile)(binary.path, ['debug', 'models', '--bundled'], { env, timeout: 15_000, maxBuffer: 1 << 26 });
    return parseCatalog(stdout);
  } catch (error) {
    throw new CockpitError('codex-catalog', `cannot read the model catalog of ${binary.path}: ${messageOf(error)}`, { cause: error });
  }
}

/** Parses the output of `codex debug models`. */
function parseCatalog(text: string): CatalogModel[] {
  return catalogSchema.parse(JSON.parse(text)).models.map(({ slug, description, visibility, upgrade }) => ({
    slug,
    description: description ?? '',
    listed: visibility === 'list',
    successor: upgrade?.model ?? null,
  }));
}

/** Whether the catalog says anything about an agent: a provider of the operator's own has models of its own. */
export function catalogApplies(codexConfig: CodexConfig): boolean {
  const provider = codexConfig['model_provider'];
  return provider === undefined || provider === 'openai';
}

/** Looks a model up; an unknown one is replaced by the nearest cheap one, current ones first. */
export function checkModel(catalog: readonly CatalogModel[], wanted: string): ModelCheck {
  if (catalog.some((model) => model.slug === wanted)) return { kind: 'ok' };
  const listed = catalog.filter((model) => model.listed);
  const cheap = listed.filter(isCheap);
  const current = cheap.filter((model) => model.successor === null);
  return { kind: 'unknown', nearest: bySimilarity(listed, wanted).slice(0, 3), substitute: bySimilarity(current.length > 0 ? current : cheap, wanted)[0] ?? null };
}

/** For `notice.model_migrations`: models whose successor Codex would otherwise advertise in a dialog. */
export function modelMigrations(catalog: readonly CatalogModel[]): Record<string, string> {
  return Object.fromEntries(catalog.flatMap(({ slug, successor }) => (successor === null ? [] : [[slug, successor] as const])));
}

function isCheap(model: CatalogModel): boolean {
  return /\b(mini|nano|luna|lite|flash)\b/i.test(model.slug) || /\b(affordable|cheap|efficient)\b/i.test(model.description);
}

function bySimilarity(models: readonly CatalogModel[], wanted: string): string[] {
  return models
    .map(({ slug }) => ({ slug, distance: editDistance(slug, wanted) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ slug }) => slug);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
