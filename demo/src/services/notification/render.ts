import { createHash } from 'node:crypto'
import type { JsonObject } from '../../kit/http/input.ts'

export interface RenderedText {
  readonly subject: string
  readonly body: string
  /** Hexadecimal; the same for the same text and rounds. */
  readonly signature: string
}

const templates: Readonly<Record<string, { readonly subject: string; readonly body: string }>> = {
  'order-confirmed': {
    subject: 'Your order {order_id} is confirmed',
    body: 'Hello {user_id},\n\nthank you for your order {order_id} of {total}.\n',
  },
  'order-shipped': {
    subject: 'Your order {order_id} is on its way',
    body: 'Hello {user_id},\n\nfollow your order {order_id} with the number {tracking_id}.\n',
  },
}

const otherwise = { subject: 'News from the shop', body: 'Hello {user_id},\n\n{text}\n' }

/** Fills a template with what the message says; what it does not say stays a dash. */
export function render(options: {
  readonly userId: string
  readonly kind: string
  readonly data: JsonObject
  readonly signRounds: number
}): RenderedText {
  const { userId, kind, data, signRounds } = options
  const template = Object.hasOwn(templates, kind) ? templates[kind]! : otherwise
  const values: JsonObject = { ...data, user_id: userId }
  const fill = (text: string) => {
    return text.replace(/\{(\w+)\}/g, (_, name: string) => shown(values, name))
  }
  const [subject, body] = [fill(template.subject), fill(template.body)]
  return { subject, body, signature: sign(`${subject}\n${body}`, signRounds) }
}

function shown(values: JsonObject, name: string): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-'
}

function sign(text: string, rounds: number): string {
  let signature = ''
  for (let round = 0; round < Math.max(1, rounds); round += 1) {
    signature = createHash('sha256').update(signature).update(text).digest('hex')
  }
  return signature
}
