import { readFileSync } from 'node:fs';

/** What the policy texts are filled with. */
export type PolicyFacts = { session: string; name: string; approvals: 'bypass' | 'ask'; remoteAgentModel: string };

/** The texts of AGENT-2 by the file name that they have in the workdir. */
export function policyFiles(facts: PolicyFacts): Record<string, string> {
  const words = {
    session: inline(facts.session),
    name: inline(facts.name),
    remoteModel: inline(facts.remoteAgentModel),
    approvals: template(`remote-approvals-${facts.approvals}`).trim(),
    relaunch: relaunchCommand(facts.approvals, facts.remoteAgentModel),
    launchNote: launchNotes[facts.approvals],
  };
  return {
    'AGENTS.md': fill(template('workdir-agents'), words),
    'bootstrap.md': fill(template('bootstrap'), words),
    'remote_codex_supervisor.md': fill(template('remote_codex_supervisor'), words),
    'remote_codex_launch.md': fill(template('remote_codex_launch'), words),
    'remote_login_workflow.md': fill(template('remote_login_workflow'), words),
  };
}

/** The command that brings the remote Codex back. */
export function relaunchCommand(approvals: 'bypass' | 'ask', model: string): string {
  const quoted = /^[\w.:/-]+$/.test(model) ? model : `'${model.replaceAll("'", `'\\''`)}'`;
  return `codex resume --last --model ${quoted} ${approvals === 'bypass' ? '--dangerously-bypass-approvals-and-sandbox' : '--ask-for-approval on-request'}`;
}

const launchNotes = {
  bypass: 'The operator decided that this host runs its Codex without approvals and sandbox; the command above is theirs. Do not add to it.',
  ask: 'Never start it with `--dangerously-bypass-approvals-and-sandbox` on this host: the operator wants to be asked.',
} as const;

const templates = new Map<string, string>();

/** The bundler puts the templates next to the bundle, under the same base names. */
function template(name: string): string {
  const known = templates.get(name) ?? readFileSync(new URL(`./${name}.md`, import.meta.url), 'utf8');
  templates.set(name, known);
  return known;
}

function fill(text: string, words: Record<string, string>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const word = words[name];
    if (word === undefined) throw new Error(`the policy text has an unknown word {{${name}}}`);
    return word;
  });
}

/** A name of a session is chosen at the remote: in a policy text it must stay one short word and no markup. */
function inline(text: string): string {
  return text.replace(/[^\w .:/$@~+-]/g, '?').slice(0, 80);
}
