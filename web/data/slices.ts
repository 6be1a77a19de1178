/** How long the page may be busy before it looks after the reader again, ms. */
const sliceMs = 10

/** Resolves in a later turn, after input and drawing had their chance. */
export const breath = (): Promise<void> => new Promise(resolve => setTimeout(resolve))

/**
 * Calls `work` with every item, a few milliseconds at a time. Resolves with false when `signal`
 * ended it before the last item.
 */
export async function inSlices<T>(
  items: readonly T[],
  work: (item: T) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  let startedMs = performance.now()
  for (const item of items) {
    if (signal?.aborted) return false
    work(item)
    if (performance.now() - startedMs < sliceMs) continue
    await breath()
    startedMs = performance.now()
  }
  return !signal?.aborted
}
