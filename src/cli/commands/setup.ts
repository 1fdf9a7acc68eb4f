export async function setup(..._a: unknown[]): Promise<void> { throw new Error('not yet'); }
