/** Fails to compile when a union is not handled to its end; throws if a wire brought something else. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
