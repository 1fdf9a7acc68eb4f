/** Keeps the last `maxBytes` of what is added: enough of stderr for an error, never all of it. */
export class TailBuffer {
  readonly #maxBytes: number;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(maxBytes = 4096) {
    this.#maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    const all = Buffer.concat([this.#bytes, chunk.subarray(-this.#maxBytes)]);
    this.#bytes = all.subarray(-this.#maxBytes);
  }

  text(): string {
    return this.#bytes.toString();
  }
}
