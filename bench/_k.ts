import { keysRow } from './rows/keys.ts';
import { auditRow } from './rows/audit.ts';
import { outcomeText } from './report/text.ts';
for (const o of await auditRow.run({ sessions: [1], hosts: [1], rounds: 1, agents: 1 })) console.log(outcomeText(o));
try { for (const o of await keysRow.run({ sessions: [1], hosts: [1], rounds: 0.2, agents: 1 })) console.log(outcomeText(o)); } catch (e) { console.log(e); }
