import type { Notes } from '../../src/supervisor/noted.ts';

/** An audit that keeps nothing, where a test is not about it. */
export const noNotes: Notes = { noteAction: () => null, endNote: () => undefined };
