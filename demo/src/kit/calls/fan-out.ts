/** How a list is asked of another service; settings, read at each use. */
export interface FanOutSettings {
  /** Entries in one call; 1 asks for each on its own. */
  readonly entriesPerCall: number
  /** Calls that are open at the same time; 1 asks one after the other. */
  readonly callsAtOnce: number
}

/**
 * Asks for `entries` in calls of at most `entriesPerCall`, at most `callsAtOnce` at a time. The
 * answers come in the order of the entries. After a call has failed no further one is begun.
 */
export async function fanOut<Entry, Answer>(
  entries: readonly Entry[],
  settings: FanOutSettings,
  call: (some: readonly Entry[]) => Promise<Answer>,
): Promise<Answer[]> {
  const perCall = Math.max(1, settings.entriesPerCall)
  const calls = Array.from({ length: Math.ceil(entries.length / perCall) }, (_, index) =>
    entries.slice(index * perCall, (index + 1) * perCall),
  )
  const answers: Answer[] = []
  let next = 0
  let failed = false
  const work = async () => {
    while (next < calls.length && !failed) {
      const index = next
      next += 1
      answers[index] = await call(calls[index]!)
    }
  }
  const workers = Math.min(calls.length, Math.max(1, settings.callsAtOnce))
  await Promise.all(
    Array.from({ length: workers }, () =>
      work().catch((error: unknown) => {
        failed = true
        throw error
      }),
    ),
  )
  return answers
}
