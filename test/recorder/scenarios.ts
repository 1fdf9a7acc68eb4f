import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Script } from '../../src/demo/scriptedModel.ts';
import type { CodexConfig } from '../../src/supervisor/domain/config.ts';

/** What happens in a recording, one thing after the other. */
type RecordStep = { wait: RegExp } | { type: string } | { keys: string[] } | { title: RegExp };

/** One screen to record. Without `program` it is the real Codex with `flags` and `config`. */
export type Scenario = {
  name: string;
  program?: string;
  flags?: string;
  config?: CodexConfig;
  height?: number;
  /** Content of notes.txt in the project. */
  notes?: string;
  prepare?: (dir: string) => Promise<void>;
  steps: RecordStep[];
};

/** Codex has set its title, and no spinner is in it: before that it swallows keys. */
const still: RecordStep = { title: /^project$/ };
const ready: RecordStep[] = [{ wait: /› \p{L}/u }, still];
const plan: RecordStep[] = [{ type: '/plan' }, { wait: /Plan mode(?!\.)/ }];
const asks: RecordStep = { wait: /confirm or esc|enter to submit/ };
const long = 'find . -name "*.log" -mtime +7 -print0 | xargs -0 -r ls -l --time-style=long-iso && du -sh build dist node_modules && echo every step of this rather long command is over now';
const lines = ['cat > deploy.sh <<EOF', 'set -eu', 'rsync -a --delete build/ target:/srv/www/', 'EOF', 'sh deploy.sh'].join('\n');
const tall = Array.from({ length: 45 }, (_, at) => `echo line ${at}`).join('\n');
const prose = [
  'The docs name these signs:', '', '■ You’ve hit your usage limit. Upgrade to Pro', '', '• Working (3s • esc to interrupt)', '', '› 1. Yes, proceed (y)', '  2. No (esc)', '', 'Would you like to run the following command?', '', '$ rm -rf /', '', 'Press enter to confirm or esc to cancel', '', 'Proceed? [y/N]',
].join('\n');

/** What the model makes of the prompts that only recordings have. */
export const replies: Script = ({ prompt, outputs }) => {
  if (outputs.length > 0) return null;
  const cmd = { long, lines, tall }[/^escalate (\w+)/.exec(prompt)?.[1] ?? ''];
  if (cmd !== undefined) return { kind: 'call', tool: 'exec_command', args: { cmd, sandbox_permissions: 'require_escalated', justification: 'It needs more than the sandbox has.' } };
  if (prompt === 'quote') return { kind: 'say', text: prose, wordDelayMs: 0 };
  if (prompt === 'markdown list') return { kind: 'say', text: 'Two ways:\n\n1. Yes, delete it\n2. No, keep it\n\nWhich one do you want?', wordDelayMs: 0 };
  if (prompt === 'question') {
    const options = [{ label: 'Staging (Recommended)', description: 'The test machines.' }, { label: 'Production', description: 'The real ones.' }];
    return { kind: 'call', tool: 'request_user_input', args: { questions: [{ id: 'where', header: 'Target', question: 'Where should I deploy this build to?', options }] } };
  }
  return null;
};

const codexScenarios: Scenario[] = [
  { name: 'idle', steps: ready },
  { name: 'draft', steps: [...ready, { keys: ['-l', 'half a thought'] }, { wait: /half a thought/ }] },
  { name: 'draft-long', steps: [...ready, { keys: ['-l', 'a draft that goes on and on so that it is wrapped at the edge of the narrow one of the three terminals and still goes on behind it for a while'] }, { wait: /for a while/ }] },
  { name: 'working', steps: [...ready, { type: 'think 20' }, { wait: /esc to interrupt/ }] },
  { name: 'streaming', steps: [...ready, { type: 'slow 20' }, { wait: /w9 w10/ }, { title: /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/ }] },
  { name: 'answered', steps: [...ready, { type: 'hello there' }, { wait: /You said: hello there/ }, { wait: /› \p{L}[^›]*$/u }, still] },
  { name: 'draft-while-working', steps: [...ready, { type: 'think 20' }, { wait: /esc to interrupt/ }, { keys: ['-l', 'more later'] }, { wait: /more later/ }] },
  { name: 'approval-exec', steps: [...ready, { type: 'esc touch /srv/made' }, asks] },
  { name: 'approval-long', steps: [...ready, { type: 'escalate long' }, asks] },
  { name: 'approval-lines', steps: [...ready, { type: 'escalate lines' }, asks] },
  { name: 'approval-tall', steps: [...ready, { type: 'escalate tall' }, { title: /Action Required/ }] },
  { name: 'approval-moved', steps: [...ready, { type: 'esc touch /srv/made' }, asks, { keys: ['Down'] }, { wait: /› 2\./ }] },
  { name: 'approval-mcp', steps: [...ready, { type: 'call send_text {"text":"ls -l"}' }, asks] },
  { name: 'quoted-signs', steps: [...ready, { type: 'quote' }, { wait: /\[y\/N\]/ }, still] },
  { name: 'quoted-list', steps: [...ready, { type: 'markdown list' }, { wait: /Which one do you want/ }, still] },
  { name: 'plan-mode', steps: [...ready, ...plan, still] },
  { name: 'question', steps: [...ready, ...plan, { type: 'question' }, { wait: /Where should I deploy/ }] },
  { name: 'model-picker', steps: [...ready, { type: '/model' }, { wait: /1\. / }] },
  { name: 'permissions-picker', steps: [...ready, { type: '/permissions' }, { wait: /1\. / }] },
  { name: 'slash-popup', steps: [...ready, { keys: ['-l', '/re'] }, { wait: /\/review/ }] },
  { name: 'interrupted', steps: [...ready, { type: 'think 20' }, { wait: /esc to interrupt/ }, { keys: ['Escape'] }, { wait: /■ Conversation interrupted/ }] },
  ...['429usage', '429quota', '429notincluded', '429rate', 'ctxfull', 'overload', 'http401', 'http500'].map((failure): Scenario => ({ name: `error-${failure}`, steps: [...ready, { type: failure }, { wait: /■ |at capacity/ }] })),
  { name: 'trust', config: { projects: {} }, prepare: async (dir) => { await writeFile(join(dir, 'project', '.git'), 'gitdir: nowhere\n'); }, steps: [{ wait: /Trust (?:this folder|and continue)|Do you trust the contents/ }] },
  { name: 'update', config: { check_for_update_on_startup: true }, prepare: async (dir) => { await writeFile(join(dir, 'codex-home', 'version.json'), JSON.stringify({ latest_version: '0.999.0', last_checked_at: new Date().toISOString() })); }, steps: [{ wait: /Update available/ }, ...ready] },
  { name: 'login', config: { model_provider: 'openai' }, steps: [{ wait: /Sign in with ChatGPT/ }] },
];

const otherScenarios: Scenario[] = [
  { name: 'other-shell', program: "exec bash --norc", steps: [{ wait: /\$ $/ }] },
  { name: 'other-shell-typed', program: "exec bash --norc", steps: [{ wait: /\$ $/ }, { keys: ['-l', 'git push --force'] }, { wait: /--force/ }] },
  { name: 'other-vim', program: 'exec vi notes.txt', notes: prose, steps: [{ wait: /esc to interrupt/ }] },
  { name: 'other-less', program: 'exec less notes.txt', notes: prose, steps: [{ wait: /esc to interrupt/ }] },
  { name: 'other-cat', program: "exec bash --norc", notes: prose, steps: [{ wait: /\$ $/ }, { type: 'cat notes.txt' }, { wait: /\[y\/N\]/ }] },
  { name: 'other-yes-no', program: `exec sh -c 'printf "The following will be removed: x\\nContinue? [Y/n] "; read a'`, steps: [{ wait: /\[Y\/n\]/ }] },
  { name: 'other-password', program: `exec sh -c 'printf "[sudo] password for op: "; stty -echo; read a'`, steps: [{ wait: /password for op/ }] },
];

export const scenarios: Scenario[] = [...codexScenarios, ...otherScenarios];
