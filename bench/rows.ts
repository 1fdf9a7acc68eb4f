import type { Row } from './row.ts';
import { agentsRow } from './rows/agents.ts';
import { auditRow } from './rows/audit.ts';
import { commandRow } from './rows/command.ts';
import { guardRow } from './rows/guard.ts';
import { idleRow } from './rows/idle.ts';
import { keysRow } from './rows/keys.ts';
import { nudgeRow } from './rows/nudge.ts';
import { rotationRow } from './rows/rotation.ts';
import { screenRow } from './rows/screen.ts';
import { sessionsRow } from './rows/sessions.ts';
import { statesRow } from './rows/states.ts';

/** All benchmarks, in the order of the table. */
export const rows: Row[] = [commandRow, screenRow, sessionsRow, guardRow, auditRow, keysRow, agentsRow, statesRow, nudgeRow, rotationRow, idleRow];
