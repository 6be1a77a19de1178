import { get, type IncomingMessage } from 'node:http'

/** One event as it came over the wire. */
export interface HeardEvent {
  readonly id: string | undefined
  readonly event: string
  readonly data: unknown
}

/** A client of a live feed, as a browser's EventSource but for reconnecting. */
export interface Following {
  readonly heard: readonly HeardEvent[]
  /** Resolves as soon as the events satisfy it; rejects when the feed ends before. */
  until(done: (heard: readonly HeardEvent[]) => boolean): Promise<void>
  /** Resolves when the server has ended the feed. */
  readonly ended: Promise<void>
  /** As when a connection breaks. */
  drop(): void
}

export function follow(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Following> {
  return new Promise((resolve, reject) => {
    const asked = get({ host: '127.0.0.1', port, path, headers, agent: false })
    asked.on('error', reject)
    asked.on('response', answer => {
      if (answer.statusCode === 200) resolve(following(answer, () => asked.destroy()))
      else reject(new Error(`the feed answered ${answer.statusCode}`))
    })
  })
}

function following(answer: IncomingMessage, drop: () => void): Following {
  const heard: HeardEvent[] = []
  const waiting = new Set<() => void>()
  let text = ''
  let over = false
  const ended = Promise.withResolvers<void>()
  const told = () => {
    for (const check of [...waiting]) check()
  }
  answer.setEncoding('utf8')
  answer.on('data', (chunk: string) => {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) heard.push(...eventOf(block))
    told()
  })
  answer.on('error', () => {})
  answer.on('close', () => {
    over = true
    ended.resolve()
    told()
  })
  const until: Following['until'] = done =>
    new Promise((resolve, reject) => {
      const check = () => {
        if (done(heard)) resolve()
        else if (over) reject(new Error(`the feed ended after ${heard.length} events`))
        else return
        waiting.delete(check)
      }
      waiting.add(check)
      check()
    })
  return { heard, until, ended: ended.promise, drop }
}

function eventOf(block: string): HeardEvent[] {
  const fields = new Map(
    block.split('\n').flatMap(line => {
      const match = /^(\w+): (.*)$/.exec(line)
      return match === null ? [] : [[match[1], match[2]] as const]
    }),
  )
  const event = fields.get('event')
  if (event === undefined) return []
  return [{ id: fields.get('id'), event, data: JSON.parse(fields.get('data') ?? '') as unknown }]
}
