import { z } from 'zod';
import { logLevels } from '../base/logger.ts';

/** What the thread of a supervisor is started with. */
export const threadInput = z.object({ dataDir: z.string(), asked: z.boolean() });

/** What the thread tells the window that owns it. */
export const threadNews = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('log'), level: z.enum(logLevels), line: z.string() }),
  z.object({ kind: z.literal('started'), owns: z.boolean() }),
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string(), isForPerson: z.boolean() }),
]);
export type ThreadNews = z.infer<typeof threadNews>;
