import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { integerField, textField, type JsonObject } from '../kit/http/input.ts'
import { Problem } from '../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../kit/http/request.ts'
import type { ServiceDefinition, ServiceRoutes } from '../kit/service.ts'
import { serviceSettings } from '../kit/settings.ts'
import { RequestRate } from '../kit/http/request-rate.ts'
import { SeededDice } from '../kit/seeded-dice.ts'

/** What the bank promises; payment reads it. */
export interface Charge {
  readonly id: string
  readonly status: 'authorized' | 'captured'
}

const settings = serviceSettings(
  { poolConnectionsMax: 0 },
  {
    /** How long the bank takes over a charge. A pause is right: it is somebody else's system. */
    answerMs: 3,
    /** Share of charges that end with 500, 0..1. */
    failRatio: 0,
    /** Which charges those are: the same seed fails the same ones in the order they come. */
    failSeed: 1,
    /** Charges a second, with bursts of one second's worth; 0: no limit. Else 429. */
    requestsPerSecondMax: 0,
  },
)

/**
 * Stands for a payment provider outside the shop: nothing in it is measured, and it looks at no
 * trace header. What the shop knows of it, it knows from its own calls.
 */
const definition: ServiceDefinition = { name: 'bank', settings, foreign: true, open }
export default definition

function open(): ServiceRoutes {
  const rate = new RequestRate({ perSecondMax: () => settings.requestsPerSecondMax })
  const dice = new SeededDice()
  const charge = async (request: ShopRequest): Promise<Answer> => {
    const waitS = rate.waitS(performance.now())
    if (waitS > 0) {
      const retryAfter = String(Math.ceil(waitS))
      throw new Problem(429, 'too many charges at once', { 'retry-after': retryAfter })
    }
    const asked = readCharge(await request.json())
    const fails = dice.roll(settings.failSeed) < settings.failRatio
    await delay(settings.answerMs)
    if (fails) throw new Problem(500, 'the bank could not do it')
    return { status: 201, body: decide(asked) }
  }
  return { routes: [{ method: 'POST', path: '/charges', handle: charge }] }
}

interface Asked {
  readonly token: string
  readonly capture: boolean
}

function readCharge(body: JsonObject): Asked {
  const { capture } = body
  if (typeof capture !== 'boolean') throw new Problem(400, 'capture must be true or false')
  integerField(body, 'amount_cents', { min: 0, max: 100_000_000 })
  return { token: textField(body, 'token'), capture }
}

/** A card token with "declined" in it is declined, as test cards of payment providers are. */
function decide({ token, capture }: Asked): Charge {
  if (/declined/i.test(token)) throw new Problem(402, 'the card was declined')
  return { id: `ch-${randomUUID()}`, status: capture ? 'captured' : 'authorized' }
}
