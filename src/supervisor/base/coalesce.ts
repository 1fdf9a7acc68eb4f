/** Runs `work` once after any number of calls in the same turn, never twice at a time; a call during a run leads to one more run. */
export function coalesce(work: () => Promise<void> | void, onError: (error: unknown) => void): () => void {
  let isQueued = false;
  let isRunning = false;
  const run = async () => {
    isRunning = true;
    while (isQueued) {
      isQueued = false;
      try {
        await work();
      } catch (error) {
        onError(error);
      }
    }
    isRunning = false;
  };
  return () => {
    const isNew = !isQueued && !isRunning;
    isQueued = true;
    if (isNew) queueMicrotask(() => void run());
  };
}
