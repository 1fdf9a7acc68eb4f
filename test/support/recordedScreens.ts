import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const folder = new URL('../fixtures/screens/', import.meta.url);
const head = z.object({ title: z.string(), command: z.string(), cursor: z.object({ x: z.number(), y: z.number() }), width: z.number(), height: z.number() });

/** A screen of test/fixtures/screens (NAME[@VERSION]-WIDTH.txt): what tmux said of its pane, and what it showed. */
export type RecordedScreen = z.infer<typeof head> & { name: string; file: string; text: string };

/** Every recorded screen; `name` is without width and version. */
export function recordedScreens(): RecordedScreen[] {
  return readdirSync(folder).filter((file) => file.endsWith('.txt')).sort().map((file) => {
    const content = readFileSync(new URL(file, folder), 'utf8');
    const end = content.indexOf('\n');
    return { ...head.parse(JSON.parse(content.slice(0, end))), name: file.replace(/(?:@[\d.]+)?-\d+\.txt$/, ''), file, text: content.slice(end + 1) };
  });
}
