/** Severity of a log line, least severe first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes one line per call; fields become `key=value`. Never give it a secret. */
export type Logger = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same logger with a word in front of every message. */
  child(scope: string): Logger;
};
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** A logger that hands finished lines (without newline) to `write`; control characters are escaped. */
export function createLogger(write: (line: string, level: LogLevel) => void, minLevel: LogLevel = 'info', scope = ''): Logger {
  const threshold = logLevels.indexOf(minLevel);
  const log = (level: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (logLevels.indexOf(level) < threshold) return;
    const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value ?? null)}`);
    write(escapeControl(`${new Date().toISOString()} ${level} ${scope}${message}${rest.join('')}`), level);
  };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (name) => createLogger(write, minLevel, `${scope}${name}: `),
  };
}

/** A logger that keeps nothing, for tests and short commands. */
export const nullLogger: Logger = createLogger(() => undefined);

function escapeControl(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what must not reach a terminal through the log
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
