import { jsonOf, type PeerAnswer } from '../../kit/calls/peers.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { ShopRequest } from '../../kit/http/request.ts'
import type { Charge } from '../bank.ts'

export interface ChargeOrder {
  readonly token: string
  readonly amountCents: number
  readonly currency: string
  /** False: only authorised. */
  readonly capture: boolean
}

/**
 * Has the bank charge a card and returns the bank's id of it. Throws what a caller can act on: 402
 * declined, 504 no answer in time, 503 the bank is busy or away for now, 502 the bank failed.
 */
export async function chargeAtBank(request: ShopRequest, order: ChargeOrder): Promise<string> {
  const { token, amountCents, currency, capture } = order
  const body = { token, amount_cents: amountCents, currency, capture }
  const answer = await request.send({
    peer: 'bank',
    method: 'POST',
    path: '/charges',
    // Nothing of the shop's own headers leaves it: no user, no trace, no request id.
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  })
  if (answer.status === 201) return jsonOf<Charge>(answer).id
  throw refusal(answer)
}

function refusal({ status, headers }: PeerAnswer): Problem {
  if (status === 402) return new Problem(402, 'the card was declined')
  if (status === 504) return new Problem(504, 'the bank did not answer in time')
  if (status === 429 || status === 503) {
    const retryAfter = headers['retry-after'] ?? '1'
    return new Problem(503, 'the bank takes no more charges now', { 'retry-after': retryAfter })
  }
  return new Problem(502, `the bank answered ${status}`)
}
