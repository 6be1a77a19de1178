/** What every actor process does: reads its options, says that it is ready, ends when told to. */
export function actorOptions<Options>(): Options {
  if (process.argv[2] === undefined || !process.connected) {
    console.error('an actor is started by the shop, for a fault')
    process.exit(2)
  }
  // Ctrl-C reaches the whole terminal group: the shop decides when an actor ends.
  process.on('SIGINT', () => undefined)
  process.on('SIGHUP', () => undefined)
  return JSON.parse(process.argv[2]) as Options
}

/** 'ready' once, or 'failed' with a message for whoever wanted the fault. */
export function tell(
  message:
    | ({ readonly kind: 'ready' } & Readonly<Record<string, unknown>>)
    | { readonly kind: 'failed'; readonly message: string },
): void {
  if (process.connected) process.send?.(message)
}

/** Calls `end` once, when the fault is cleared or the shop is gone; `end` ends the process. */
export function onEnd(end: () => void): void {
  let ending = false
  const once = () => {
    if (!ending) end()
    ending = true
  }
  process.on('SIGTERM', once)
  process.on('disconnect', once)
}
