import { z } from 'zod';
import { CockpitError } from '../base/errors.ts';

/** Methods by name, with the schemas of their parameters and results. */
export type MethodTable = Readonly<Record<string, { readonly params: z.ZodType; readonly result: z.ZodType }>>;

/** Notifications by name, with the schema of their parameters. */
export type NotificationTable = Readonly<Record<string, z.ZodType>>;

export type ParamsOf<M extends MethodTable, K extends keyof M> = z.output<M[K]['params']>;
export type ResultOf<M extends MethodTable, K extends keyof M> = z.output<M[K]['result']>;

/** One function per method; `call` is what the server knows of the request. */
export type Handlers<M extends MethodTable, Call> = {
  [K in keyof M]: (params: ParamsOf<M, K>, call: Call) => z.input<M[K]['result']> | Promise<z.input<M[K]['result']>>;
};

/** Parses a value off the wire, or throws CockpitError `code` with what is wrong and where. */
export function parseAs<T>(schema: z.ZodType<T>, value: unknown, code: string, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CockpitError(code, `${what}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}

/**
 * Calls the handler of a method with checked parameters and checks its result. Throws (or rejects with) CockpitError 'method-not-found', 'invalid-params' or
 * 'malformed-result', or what the handler throws. A handler that is not async is answered in the same turn, so nothing can be told to its client before its result.
 */
export function dispatch<M extends MethodTable, Call>(methods: M, handlers: Handlers<M, Call>, method: string, params: unknown, call: Call): unknown {
  const entry = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (entry === undefined) throw new CockpitError('method-not-found', `there is no method ${JSON.stringify(method)}`);
  const handler = handlers[method as keyof M];
  const parsed = parseAs(entry.params, params ?? {}, 'invalid-params', `parameters of ${method}`) as ParamsOf<M, keyof M>;
  const check = (result: unknown) => parseAs(entry.result, result, 'malformed-result', `result of ${method}`);
  const result: unknown = handler(parsed, call);
  return result instanceof Promise ? result.then(check) : check(result);
}
