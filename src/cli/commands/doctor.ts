export async function doctor(..._a: unknown[]): Promise<void> { throw new Error('not yet'); }
