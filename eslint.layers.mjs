// The import direction of the folders, as one lint rule: base ← domain ← protocol ← adapters ← supervisor root.
import { isBuiltin } from 'node:module';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));

/** First match decides the zone of a file; `unit` (a group of the pattern) separates siblings that may not import each other. */
const zones = [
  { name: 'base', path: /^src\/supervisor\/base\// },
  { name: 'domain', path: /^src\/supervisor\/domain\// },
  { name: 'protocol', path: /^src\/supervisor\/protocol\// },
  { name: 'adapters', path: /^src\/supervisor\/adapters\/(?:(?<unit>[^/]+)\/)?/ },
  { name: 'supervisor root', path: /^src\/supervisor\// },
  { name: 'mcp', path: /^src\/mcp\// },
  { name: 'demo', path: /^src\/demo\// },
  // These run the supervisor, or end what a killed one left.
  { name: 'cli/supervise.ts', path: /^src\/cli\/(?:supervise|commands\/down)\.ts$/ },
  { name: 'cli on adapters', path: /^src\/cli\/(?:configEdit\.ts|doctor\/|accounts\/)/ },
  { name: 'cli', path: /^src\/cli\// },
  { name: 'views', path: /^src\/views\// },
  { name: 'extension.ts', path: /^src\/(?:extension|supervisorThread)\.ts$/ },
  { name: 'src', path: /^src\// },
];

/** What each zone may import besides itself. */
const allowed = {
  base: [],
  domain: ['base'],
  protocol: ['base', 'domain'],
  adapters: ['base', 'domain', 'protocol'],
  'supervisor root': ['base', 'domain', 'protocol', 'adapters', 'mcp'],
  mcp: ['base', 'protocol'],
  demo: ['base', 'protocol'],
  cli: ['base', 'protocol', 'demo', 'mcp', 'cli/supervise.ts', 'cli on adapters'],
  // Setup edits config.yaml, doctor checks what adapters know and accounts are logged in, all without a supervisor.
  'cli on adapters': ['base', 'domain', 'protocol', 'adapters', 'cli'],
  'cli/supervise.ts': ['base', 'protocol', 'adapters', 'demo', 'cli', 'supervisor root'],
  views: ['base', 'protocol'],
  'extension.ts': ['base', 'protocol', 'views', 'supervisor root'],
  src: [],
};

/** Adapters whose folder may use another adapter's: tmux talks through a shell. */
const adapterExceptions = new Set(['tmux → shell']);

const pureZones = new Set(['base', 'domain']);
/** What pure code may take from outside: it computes, and neither reads nor writes. */
const purePackages = new Set(['node:crypto', 'node:buffer', 'node:util', 'zod']);
const editorZones = new Set(['views', 'extension.ts']);

function zoneOf(path) {
  for (const { name, path: pattern } of zones) {
    const match = pattern.exec(path);
    if (match) return { name, unit: match.groups?.unit };
  }
  return undefined;
}

/** Why `file` (relative to the root) may not import `specifier`, or undefined. */
function objection(file, specifier) {
  const from = zoneOf(file);
  if (from === undefined) return undefined;
  if (specifier.startsWith('.')) return objectionToFile(from, normalize(join(dirname(file), specifier)));
  if (specifier === 'vscode') return editorZones.has(from.name) ? undefined : `only src/views and src/extension.ts may import vscode, not ${from.name}`;
  const name = isBuiltin(specifier) && !specifier.startsWith('node:') ? `node:${specifier}` : specifier;
  if (pureZones.has(from.name) && !purePackages.has(name)) return `${from.name} has no I/O: it may import only ${[...purePackages].join(', ')}, not ${specifier}`;
  return undefined;
}

function objectionToFile(from, target) {
  const to = zoneOf(target);
  if (to === undefined) return `${from.name} may not import ${target}, which is outside src`;
  if (to.name !== from.name) return allowed[from.name].includes(to.name) ? undefined : `${from.name} may not import ${to.name} (${target})`;
  const foreignUnit = to.unit !== undefined && to.unit !== from.unit && !adapterExceptions.has(`${from.unit} → ${to.unit}`);
  return foreignUnit ? `adapters/${from.unit ?? '*.ts'} may not import adapters/${to.unit}` : undefined;
}

export const layers = {
  meta: { type: 'problem', schema: [], messages: { layer: 'Layers: {{why}}.' } },
  create(context) {
    const file = relative(root, context.filename);
    const check = (source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const why = objection(file, source.value);
      if (why !== undefined) context.report({ node: source, messageId: 'layer', data: { why } });
    };
    return {
      ImportDeclaration: (node) => { check(node.source); },
      ExportNamedDeclaration: (node) => { check(node.source); },
      ExportAllDeclaration: (node) => { check(node.source); },
      ImportExpression: (node) => { check(node.source); },
      TSImportType: (node) => { check(node.source ?? node.argument?.literal); },
    };
  },
};
