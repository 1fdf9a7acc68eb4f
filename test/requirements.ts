/** B the core, C the editor, D judgement. */
export type Milestone = 'B' | 'C' | 'D';

/** Milestones whose every id must be named by a test. */
export const reachedMilestones: ReadonlySet<Milestone> = new Set<Milestone>(['B', 'C', 'D']);

type Family = { milestone: Milestone; /** ids run from 1 to this */ count: number; /** ids whose milestone differs from the family's */ exceptions?: Record<number, Milestone> };

const families: Record<string, Family> = {
  CONF: { milestone: 'B', count: 8, exceptions: { 6: 'D' } },
  DISC: { milestone: 'B', count: 13 },
  PAIR: { milestone: 'B', count: 8 },
  OWN: { milestone: 'B', count: 10, exceptions: { 9: 'D' } },
  MCP: { milestone: 'B', count: 7, exceptions: { 7: 'D' } },
  AGENT: { milestone: 'B', count: 4 },
  STATE: { milestone: 'D', count: 4 },
  WAKE: { milestone: 'D', count: 4, exceptions: { 2: 'B' } },
  ACCT: { milestone: 'D', count: 7 },
  KEY: { milestone: 'B', count: 2 },
  CTL: { milestone: 'B', count: 4 },
  VSC: { milestone: 'C', count: 9 },
  DEMO: { milestone: 'B', count: 2 },
  REL: { milestone: 'B', count: 5 },
};

/** Every requirement id with its milestone. */
const requirements: ReadonlyMap<string, Milestone> = new Map(
  Object.entries(families).flatMap(([name, { milestone, count, exceptions }]) =>
    Array.from({ length: count }, (_, index) => [`${name}-${index + 1}`, exceptions?.[index + 1] ?? milestone] as const),
  ),
);

const idPattern = new RegExp(`\\b(?:${Object.keys(families).join('|')})-\\d+\\b`, 'g');
const titlePattern = /\b(?:it|describe)\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;

/** The requirement-like ids that the `it` and `describe` titles of a test file's text name. */
export function idsInTitles(source: string): Set<string> {
  const titles = Array.from(source.matchAll(titlePattern), (match) => match[1] ?? match[2] ?? match[3] ?? '');
  return new Set(titles.flatMap((title) => title.match(idPattern) ?? []));
}

/** Ids of reached milestones that no test names, and named ids that do not exist. */
export function compareWithTests(named: ReadonlySet<string>, reached: ReadonlySet<Milestone>): { untested: string[]; unknown: string[] } {
  return {
    untested: [...requirements].filter(([id, milestone]) => reached.has(milestone) && !named.has(id)).map(([id]) => id),
    unknown: [...named].filter((id) => !requirements.has(id)),
  };
}
