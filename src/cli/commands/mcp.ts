export async function mcp(..._a: unknown[]): Promise<void> { throw new Error('not yet'); }
