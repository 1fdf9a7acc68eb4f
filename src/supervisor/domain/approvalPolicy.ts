import { commandRisk, isAtMost, type Risk, type RiskReading } from './commandRisk.ts';
import type { PromptReading } from './promptReading.ts';

/** Up to which risk the local agent may approve on hosts with `approvals: ask`. */
export const agentLimits = ['none', 'read-only', 'writes', 'network'] as const;
export type AgentLimit = (typeof agentLimits)[number];

/** The risk of what an approval asks for; what is not wholly on the screen, or no command or edit, is unknown. */
export function approvalRisk(prompt: Pick<PromptReading, 'approvalKind' | 'approvalCommand' | 'isCut'>): RiskReading {
  if (prompt.isCut) return { risk: 'unknown', why: 'a part of it is not on the screen' };
  if (prompt.approvalKind === 'exec') return commandRisk(prompt.approvalCommand ?? '');
  if (prompt.approvalKind === 'patch') return { risk: 'writes', why: 'edits files' };
  return { risk: 'unknown', why: 'not a command' };
}

/** Whether the agent may say yes to something of this risk. */
export function isWithin(risk: Risk, limit: AgentLimit): boolean {
  return limit !== 'none' && isAtMost(risk, limit);
}

/** Whether the agent may give this answer: it may always say no, and yes once to what is within its limit. */
export function mayAgentAnswer(prompt: PromptReading, option: string, limit: AgentLimit): boolean {
  const label = prompt.approvalOptions.find((row) => row.key === option)?.label ?? '';
  if (/^(?:no|cancel)\b/iu.test(label)) return true;
  // "Don't ask again" is a rule, and rules are the person's.
  return /^(?:yes, proceed|yes)(?: \(y\))?$/iu.test(label) && isWithin(approvalRisk(prompt).risk, limit);
}
