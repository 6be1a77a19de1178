import type { Actor, ActorOptions } from '../faults/surface.ts'
import { Child } from './child.ts'

const stopMs = 3_000

type Said = Readonly<Record<string, unknown>>

/**
 * Starts a process that a fault needs; resolves when it says 'ready', rejects with the message of
 * its 'failed'. `onEnd` is told when it ends by itself later.
 */
export async function startActor(
  { name, module, args }: ActorOptions,
  onEnd: (child: Child) => void,
): Promise<Actor> {
  let stopping = false
  const child = new Child({
    ...{ name, module, args: [JSON.stringify(args)] },
    onExit: ended => {
      if (!stopping) onEnd(ended)
    },
  })
  const stop = () => {
    stopping = true
    return child.stop({ by: 'signal', withinMs: stopMs })
  }
  const started = child.first<Said, Said>(message => {
    if (message['kind'] === 'failed') {
      // That it ends then is what the one who wanted it is told, and no failure of the shop.
      stopping = true
      throw new Error(`${name}: ${String(message['message'])}`)
    }
    return message['kind'] === 'ready' ? message : undefined
  })
  const ready = await started.catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return { ready, pid: child.pid, stop }
}
