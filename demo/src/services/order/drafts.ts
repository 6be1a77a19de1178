import { isObject } from '../../kit/http/input.ts'
import { Problem } from '../../kit/http/problem.ts'
import type { Answer, ShopRequest } from '../../kit/http/request.ts'
import { signedIn } from '../../kit/http/signed-in.ts'

/** What a user chose at the checkout for the next order. */
export interface Draft {
  readonly shipping: unknown
  /** A card token, or the name of a payment method. */
  readonly paymentToken: string
}

interface DraftRow {
  readonly shipping: unknown
  readonly payment: unknown
}

/** Keeps an address, a way to pay, or both; what is not said stays as it was. */
export async function saveDraft(request: ShopRequest): Promise<Answer> {
  const userId = signedIn(request)
  const { shipping, payment } = await request.json()
  if (!isObject(shipping) && !isObject(payment)) {
    throw new Problem(400, 'shipping or payment must be an object')
  }
  await request.query(
    `insert into drafts (user_id, shipping, payment) values ($1, $2, $3)
     on conflict (user_id) do update
       set shipping = coalesce(excluded.shipping, drafts.shipping),
           payment = coalesce(excluded.payment, drafts.payment)`,
    [userId, jsonOrNull(shipping), jsonOrNull(payment)],
  )
  return { status: 204 }
}

/** A user who chose nothing pays by card. */
export async function draftOf(request: ShopRequest, userId: string): Promise<Draft> {
  const [row] = await request.query<DraftRow>(
    'select shipping, payment from drafts where user_id = $1',
    [userId],
  )
  const token = isObject(row?.payment) ? row.payment['token'] : undefined
  return {
    shipping: row?.shipping ?? null,
    paymentToken: typeof token === 'string' ? token : 'card',
  }
}

const jsonOrNull = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
