import type { SessionState } from './remoteSession.ts';

/** One recognisable sign of Codex and the state that it stands for. */
export type Marker = { id: string; says: SessionState; pattern: RegExp };

/**
 * Signs at the start of the last cell above the composer, most telling first. Cells start in column 0 and all that a model or a
 * command wrote is indented, so prose about a marker never matches.
 */
export const cellMarkers: readonly Marker[] = [
  { id: 'busy', says: 'working', pattern: /^[•◦✱*] .{0,300}?\((?:[^)]*\s)?(?:esc|ctrl\s?\+\s?c) to interrupt\)/iu },
  { id: 'lost-app-server', says: 'error', pattern: /^[•◦] Reconnecting to server/u },
  { id: 'interrupted', says: 'idle', pattern: /^■ Conversation interrupted/u },
  { id: 'model-limit', says: 'error', pattern: /^■ You[’']ve hit your usage limit for /u },
  { id: 'workspace-limit', says: 'error', pattern: /^■ (?:Your workspace is out of credits|You hit your spend cap)/u },
  { id: 'usage-limit', says: 'out-of-tokens', pattern: /^■ You[’']ve hit your usage limit/u },
  { id: 'quota', says: 'out-of-tokens', pattern: /^■ Quota exceeded\. Check your plan and billing details/u },
  { id: 'not-in-plan', says: 'out-of-tokens', pattern: /^■ To use Codex with your ChatGPT plan, upgrade/u },
  { id: 'token-refused', says: 'auth-needed', pattern: /^■ (?:Your access token could not be refreshed|.*\b401 Unauthorized\b|.*\bPlease (?:sign|log) in again\b)/u },
  { id: 'context-full', says: 'error', pattern: /^■ Codex ran out of room in the model/u },
  { id: 'overload', says: 'error', pattern: /^■ Selected model is at capacity/u },
  { id: 'error', says: 'error', pattern: /^■ /u },
];

/** Signs in a pane title; Codex joins its items with ` | `. */
export const titleMarkers: readonly Marker[] = [
  { id: 'title-action', says: 'needs-input', pattern: /^\[ [!.] \] Action Required\b|(?:^|\| )Action Required(?: \||$)/u },
  { id: 'title-spinner', says: 'working', pattern: /(?:^| )[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏](?: |$)/u },
  { id: 'title-busy', says: 'working', pattern: /(?:^|\| )(?:Working|Thinking)(?: \||$)/u },
  { id: 'title-ready', says: 'idle', pattern: /(?:^|\| )Ready(?: \||$)/u },
];

/** Programs in the foreground that mean a shell waits (`-bash` of a login shell too). */
export const shellCommand = /^-?(?:sh|bash|zsh|dash|ash|ksh|mksh|fish|csh|tcsh|busybox|nu|elvish|xonsh)$/;

/** Headings of Codex's approvals, as a whole line. */
export const approvalHeadings = {
  exec: /^\s{0,4}Would you like to run the following command\?$/u,
  patch: /^\s{0,4}Would you like to make the following edits\?$/u,
  mcp: /^\s{0,4}(?:Allow the .+ MCP server to run tool ".+"\?|Allow the .+ MCP server to run tool .*|.+ needs your approval\.)$/u,
  trust: /^\s{0,4}(?:Trust this folder\?|Do you trust the (?:files|contents) (?:in|of) this (?:folder|directory)\?).*$/u,
  login: /^\s{0,4}Welcome to Codex\b/u,
} as const;

/** The line under a menu that says which key does what; without it numbered lines are only text. */
export const menuFooter = /^(?:press )?(?:enter|esc)\b.*\b(?:confirm|cancel|continue|submit|select|skip|back|edit)\b/iu;

/** Any of these in the lines under a `›` line makes it Codex's composer. */
export const composerFooter = /\? for shortcuts|\bfor agents\b| · [~/]|\bcontext left\b|\bcontext used\b|\^c quit|\bto queue message\b|\bf2 to view\b|⏎ send|ctrl ?\+ ?[a-z] /iu;

/** What Codex shows in an empty composer; a cursor behind it means that a person wrote it. */
export const composerPlaceholders: readonly string[] = [
  'Ask Codex to do anything',
  'Explain this codebase',
  'Summarize recent commits',
  'Implement {feature}',
  'Find and fix a bug in @filename',
  'Write tests for @filename',
  'Improve documentation in @filename',
  'Run /review on my current changes',
  'Use /skills to list available skills',
];
