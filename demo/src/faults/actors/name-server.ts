/**
 * A name server on UDP that is slow and fails at times: it answers for one domain only, whatever
 * the name before it, with 127.0.0.1. Forked by the shop with its options as JSON.
 */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { decode, encode, type Packet, type Question } from 'dns-packet'
import { SeededDice } from '../../kit/seeded-dice.ts'
import { actorOptions, onEnd, tell } from './actor.ts'

const notFound = 3
const serverFailure = 2
const authoritative = 1 << 10
const recursionAvailable = 1 << 7

const { domain, delayMs, failRatio, seed } = actorOptions<{
  readonly domain: string
  /** Each answer waits so long, as behind a busy upstream. */
  readonly delayMs: number
  /** Share of questions answered with SERVFAIL. */
  readonly failRatio: number
  readonly seed: number
}>()

const dice = new SeededDice()
const socket = createSocket('udp4')
socket.on('message', (bytes, from) => {
  setTimeout(() => answer(bytes, from), delayMs)
})
socket.bind(0, '127.0.0.1', () => {
  const { port } = socket.address()
  tell({ kind: 'ready', server: `127.0.0.1:${port}` })
})
onEnd(() => process.exit(0))

function answer(bytes: Buffer, from: RemoteInfo): void {
  const asked = decoded(bytes)
  const question = asked?.questions?.[0]
  if (!asked || !question) return
  socket.send(encode(reply(asked, question)), from.port, from.address)
}

function reply(asked: Packet, question: Question): Packet {
  const { id = 0, questions = [] } = asked
  const rcode = rcodeFor(question)
  const isFound = rcode === 0 && question.type === 'A'
  return {
    ...{ type: 'response', id, questions },
    flags: authoritative | recursionAvailable | rcode,
    // Nothing may be kept: each new connection asks again.
    answers: isFound ? [{ type: 'A', name: question.name, ttl: 0, data: '127.0.0.1' }] : [],
  }
}

function rcodeFor({ name }: Question): number {
  if (dice.roll(seed) < failRatio) return serverFailure
  const labels = name.toLowerCase().split('.')
  const isOurs = labels.slice(1).join('.') === domain
  return isOurs ? 0 : notFound
}

/** Undefined for what is no question: a server drops it. */
function decoded(bytes: Buffer): Packet | undefined {
  try {
    return decode(bytes)
  } catch {
    return undefined
  }
}
