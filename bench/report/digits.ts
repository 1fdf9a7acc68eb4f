/** Three significant digits, without an exponent; `-` for what is no number. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  if (Math.abs(value) < 0.0005) return '0';
  return String(Number(value.toPrecision(Math.abs(value) < 0.01 ? 1 : 3)));
}
