/** A broken promise inside cockpit: `code` is stable and for programs, the message is for the log. */
export class CockpitError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CockpitError';
    this.code = code;
  }
}

/** An error whose message is meant for a person: it says what is wrong and what to do next. */
export class HumanError extends CockpitError {
  /** Exit code of the CLI: 1 failed, 2 wrong use or configuration, 3 no supervisor. */
  readonly exitCode: 1 | 2 | 3;

  constructor(code: string, message: string, options?: { cause?: unknown; exitCode?: 1 | 2 | 3 }) {
    super(code, message, options);
    this.name = 'HumanError';
    this.exitCode = options?.exitCode ?? 1;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The Node error code (`ENOENT`…) or CockpitError code of anything that was thrown, or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
