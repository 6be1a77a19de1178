import type { Clock } from '../../base/index.ts'
import type { FeedCursor } from './run-feed.ts'

/** A proxy between us and a page would close a connection on which nothing is said. */
const heartbeatUs = 15_000_000

/** Browsers try again after this when the connection breaks. */
const opening = new TextEncoder().encode('retry: 1000\n: loadstone\n\n')
const heartbeat = new TextEncoder().encode(': still here\n\n')

/**
 * The feed as the body of an answer. Taken from the cursor as fast as the client reads: what it has
 * not read is kept nowhere but in the feed itself.
 */
export function eventStream(cursor: FeedCursor, clock: Clock): Response {
  let opened = false
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async controller => {
        if (!opened) {
          opened = true
          return controller.enqueue(opening)
        }
        const bytes = await nextOf(cursor, clock)
        if (bytes !== undefined) controller.enqueue(bytes)
        if (cursor.over) controller.close()
      },
      cancel: () => cursor.close(),
    },
    { highWaterMark: 0 },
  )
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  }
  return new Response(body, { headers })
}

/** The next bytes, a heartbeat after a while without any; undefined when the feed is over. */
async function nextOf(cursor: FeedCursor, clock: Clock): Promise<Uint8Array | undefined> {
  let beat = false
  const cancel = clock.after(heartbeatUs, () => {
    beat = true
    cursor.wake()
  })
  try {
    for (;;) {
      const bytes = await cursor.take()
      if (bytes !== undefined || cursor.over) return bytes
      if (beat) return heartbeat
      await cursor.changed()
    }
  } finally {
    cancel()
  }
}
