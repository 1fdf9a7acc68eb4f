import type { DoctorReport } from './report.ts';

/** The report as lines of at most `width` columns (long words excepted): status, what, finding, and how to mend it below. */
export function formatReport(report: DoctorReport, width = 80): string {
  const titleWidth = Math.min(24, Math.max(...report.checks.map(({ title }) => title.length)));
  const indent = ' '.repeat('warning  '.length + titleWidth + 2);
  const lines = report.checks.flatMap(({ status, title, detail, mend }) => {
    const [first = '', ...rest] = wrap(detail, width - indent.length);
    const mending = mend === null ? [] : wrap(mend, width - indent.length - 3).map((line, index) => `${indent}${index === 0 ? '→ ' : '  '}${line}`);
    return [`${status.padEnd(7)}  ${title.padEnd(titleWidth)}  ${first}`, ...rest.map((line) => `${indent}${line}`), ...mending];
  });
  return [...lines, '', summary(report)].join('\n');
}

function summary({ checks }: DoctorReport): string {
  const count = (status: string) => checks.filter((check) => check.status === status).length;
  return `${count('failed')} failed, ${count('warning')} to look at, ${count('ok')} ok`;
}

function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines = [''];
    for (const word of line.split(' ')) {
      const last = lines.at(-1) ?? '';
      if (last !== '' && last.length + 1 + word.length > width) lines.push(word);
      else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
    }
    return lines;
  });
}
