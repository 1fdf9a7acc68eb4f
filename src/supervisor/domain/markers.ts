import { z } from 'zod';
import data from './markers/markers.json' with { type: 'json' };
import { sessionStates, type SessionState } from './remoteSession.ts';

/** What an approval is about; `menu` is any other numbered question, `login` Codex's first screen. */
export const approvalKinds = ['exec', 'patch', 'mcp', 'trust', 'login', 'menu', 'yes-no'] as const;
export type ApprovalKind = (typeof approvalKinds)[number];

const id = z.string({ error: 'use a name' }).regex(/^[a-z0-9-]{1,40}$/, { error: 'use small letters, digits and dashes' });
const pattern = z.string({ error: 'use a regular expression as text, between \' and \'' }).max(1000, { error: 'use at most 1000 characters' }).refine(isPattern, { error: 'use a regular expression that JavaScript can read' });
const says = z.enum(sessionStates, { error: `use one of ${sessionStates.join(', ')}` });
const kind = z.enum(approvalKinds, { error: `use one of ${approvalKinds.join(', ')}` });
const ignoreCase = z.boolean({ error: 'use true or false' }).optional();

/** Null turns a sign of that id off. */
const plainSign = z.strictObject({ id, pattern: pattern.nullable(), ignore_case: ignoreCase }, { error: 'use a map of id and pattern' });
const stateSign = plainSign.extend({ says: says.optional(), command: pattern.optional(), last_line: z.boolean({ error: 'use true or false' }).optional() });
const kindSign = plainSign.extend({ kind: kind.optional() });
type Row = z.infer<typeof plainSign> & { says?: SessionState | undefined; command?: string | undefined; last_line?: boolean | undefined; kind?: ApprovalKind | undefined };

/** A file of signs: the built-in one, and the operator's `markers.yaml`, which may hold any part of it. */
export const markerRules = z.strictObject(
  {
    version: z.string({ error: 'use text' }).optional(),
    seen_on: z.array(z.string()).optional(),
    cells: z.array(stateSign).optional(),
    titles: z.array(stateSign).optional(),
    tails: z.array(stateSign).optional(),
    commands: z.array(stateSign).optional(),
    headings: z.array(kindSign).optional(),
    shells: z.array(plainSign).optional(),
    cuts: z.array(plainSign).optional(),
    menu_footers: z.array(plainSign).optional(),
    composer_footers: z.array(plainSign).optional(),
    placeholders: z.array(z.string({ error: 'use text' })).optional(),
  },
  { error: 'use a map of lists of signs' },
);
export type MarkerFile = z.infer<typeof markerRules>;

/** Lists of signs, as they are called in a file, and what their entries must have. */
const lists = { cells: 'says', titles: 'says', tails: 'says', commands: 'says', headings: 'kind', shells: null, cuts: null, menu_footers: null, composer_footers: null } as const;
type List = keyof typeof lists;

/** One recognisable sign and the state that it stands for; `command`: only with such a program in front; `lastLine`: only in the last line. */
export type Marker = { id: string; says: SessionState; pattern: RegExp; command: RegExp | null; lastLine: boolean };

/** All signs in force, ready to use, the most telling first. */
export type Markers = {
  version: string;
  /**
   * At the start of the last cell above Codex's composer. Cells start in column 0 and all that a model or a command wrote is indented,
   * so prose about a marker never matches.
   */
  cells: Marker[];
  /** In a pane title; Codex joins its items with ` | `. */
  titles: Marker[];
  /** In one of the last lines of a screen without a prompt that is known: other agents. */
  tails: Marker[];
  /** In the name of the program in front. */
  commands: Marker[];
  /** Headings of approvals, as a whole line. */
  headings: { kind: ApprovalKind; pattern: RegExp }[];
  /** Programs in the foreground that mean a shell waits (`-bash` of a login shell too). */
  shells: RegExp[];
  /** What stands where a part of an approval was left out. */
  cuts: RegExp[];
  /** The line under a menu that says which key does what; without it numbered lines are only text. */
  menuFooters: RegExp[];
  /** Any of these in the lines under a `›` line makes it Codex's composer. */
  composerFooters: RegExp[];
  /** What Codex shows in an empty composer; a cursor behind it means that a person wrote it. */
  placeholders: string[];
};

/** What a file says wrong that its shape does not show: a sign that lacks what all others of its list have. */
export function missingInMarkers(file: MarkerFile): { path: (string | number)[]; message: string }[] {
  return (Object.keys(lists) as List[]).flatMap((list) =>
    (file[list] ?? []).flatMap((row: Row, at) => {
      const key = lists[list];
      return row.pattern === null || key === null || row[key] !== undefined ? [] : [{ path: [list, at], message: `${list}[${at}] lacks ${key}: which ${key === 'says' ? 'state does the sign stand for' : 'kind of approval is it'}?` }];
    }),
  );
}

/** The built-in signs with the operator's over them: an entry takes the place of the one with its id, a new one comes before all others. */
export function markersWith(own: MarkerFile): Markers {
  const rows = (list: List): Row[] => {
    const mine: Row[] = own[list] ?? [];
    const base: Row[] = builtIn[list] ?? [];
    const replaced = base.map((row) => mine.find((other) => other.id === row.id) ?? row);
    return [...mine.filter((row) => base.every((other) => other.id !== row.id)), ...replaced].filter((row) => row.pattern !== null);
  };
  const states = (list: List) => rows(list).map((row): Marker => ({ id: row.id, says: row.says ?? 'unknown', pattern: compile(row), command: row.command === undefined ? null : new RegExp(row.command, 'u'), lastLine: row.last_line ?? false }));
  return {
    version: own.version === undefined ? (builtIn.version ?? '') : `${builtIn.version ?? ''} with ${own.version}`,
    cells: states('cells'),
    titles: states('titles'),
    tails: states('tails'),
    commands: states('commands'),
    headings: rows('headings').map((row) => ({ kind: row.kind ?? 'menu', pattern: compile(row) })),
    shells: rows('shells').map(compile),
    cuts: rows('cuts').map(compile),
    menuFooters: rows('menu_footers').map(compile),
    composerFooters: rows('composer_footers').map(compile),
    placeholders: [...(own.placeholders ?? []), ...(builtIn.placeholders ?? [])],
  };
}

/** Whether the program in front is a shell. */
export function isShell(command: string, markers: Markers): boolean {
  return markers.shells.some((sign) => sign.test(command));
}

/** Whether the program in front shows texts of which none is its own: an editor, a pager. */
export function showsText(command: string, markers: Markers): boolean {
  return markers.commands.some((sign) => sign.says === 'unknown' && sign.pattern.test(command));
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u').source !== '';
  } catch {
    return false;
  }
}

function compile(row: Row): RegExp {
  return new RegExp(row.pattern ?? '(?!)', row.ignore_case === true ? 'iu' : 'u');
}

const builtIn = markerRules.parse(data);

/** The signs that come with cockpit. */
export const builtInMarkers: Markers = markersWith({});
