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

/** Does all steps, a few milliseconds at a time; resolves with what they return. */
export async function inSteps<T>(steps: Generator<unknown, T, undefined>): Promise<T> {
  let startedMs = performance.now()
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
    if (performance.now() - startedMs < sliceMs) continue
    await breath()
    startedMs = performance.now()
  }
}
