/** A text of the remote without the fence that it is given to a model in. */
export function unfenced(text: unknown): string {
  return String(text).replace(/<\/?untrusted-remote-text[^>]*>/g, '').trim();
}
