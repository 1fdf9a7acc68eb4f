export async function completion(..._a: unknown[]): Promise<void> { throw new Error('not yet'); }
