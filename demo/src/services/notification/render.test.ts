import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { render } from './render.ts'

const shippedData = { order_id: 'ord-1', tracking_id: 'trk-9' }

test('a text names what the message says, and a dash for what it does not', () => {
  const full = { userId: 'usr-1', kind: 'order-shipped', data: shippedData, signRounds: 1 }
  expect(render(full)).toMatchObject({
    subject: 'Your order ord-1 is on its way',
    body: 'Hello usr-1,\n\nfollow your order ord-1 with the number trk-9.\n',
  })
  expect(render({ ...full, data: { order_id: 7 } }).body).toContain('order 7 with the number -.')
  // Neither a method of objects nor an object is a text.
  for (const kind of ['constructor', 'unheard-of']) {
    expect(render({ ...full, kind, data: { text: {} } }).body).toBe('Hello usr-1,\n\n-\n')
  }
})

test('nobody is addressed by a name that the data claims', () => {
  const data = { user_id: 'somebody else' }
  expect(render({ userId: 'usr-1', kind: 'x', data, signRounds: 1 }).body).toContain('usr-1')
})

test('the signature is the hash of the hash before it and the text, as often as asked', () => {
  const options = { userId: 'u', kind: 'x', data: { text: 'hi' } }
  const { subject, body, signature } = render({ ...options, signRounds: 2 })
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const first = hash(`${subject}\n${body}`)
  expect(render({ ...options, signRounds: 1 }).signature).toBe(first)
  expect(signature).toBe(hash(`${first}${subject}\n${body}`))
})
