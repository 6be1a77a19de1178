import { describe, expect, test } from 'vitest'
import {
  amountFieldCents,
  choiceParam,
  currencyParam,
  integerField,
  integerParam,
  listParam,
  objectListField,
  optionalCurrency,
  optionalText,
  paymentField,
  textField,
  textOrObjectField,
} from './input.ts'

const between = { min: 1, max: 100 }

describe('fields of a body', () => {
  test('a field is found under each of its spellings, and null counts as absent', () => {
    expect(textField({ product_id: 'a' }, ['productId', 'product_id'])).toBe('a')
    expect(textField({ productId: null, product_id: 'a' }, ['productId', 'product_id'])).toBe('a')
    expect(() => textField({}, ['productId', 'product_id'])).toThrow(
      'productId or product_id is missing',
    )
  })

  test('text is not empty, not too long and not a number', () => {
    for (const value of ['', '  ', 7, {}, 'x'.repeat(501)]) {
      expect(() => optionalText({ name: value }, 'name')).toThrow('1 to 500 characters')
    }
    expect(optionalText({}, 'name')).toBeUndefined()
  })

  test('a whole number is within its limits and no text', () => {
    expect(integerField({ quantity: 100 }, 'quantity', between)).toBe(100)
    for (const value of [0, 101, 1.5, '1', Number.NaN, true]) {
      expect(() => integerField({ quantity: value }, 'quantity', between)).toThrow('from 1 to 100')
    }
  })

  test('an amount of money becomes whole cents', () => {
    // 19.99 * 100 is 1998.9999999999998 in binary floating point.
    expect(amountFieldCents({ amount: 19.99 }, 'amount')).toBe(1999)
    expect(amountFieldCents({ amount: 0.01 }, 'amount')).toBe(1)
    for (const value of [0, -1, 0.001, 1e9, '5', Number.POSITIVE_INFINITY]) {
      expect(() => amountFieldCents({ amount: value }, 'amount')).toThrow('from 0.01 to 1000000')
    }
  })

  test('a list holds 1 to 100 objects', () => {
    expect(objectListField({ items: [{}] }, 'items')).toEqual([{}])
    for (const value of [undefined, [], {}, ['a'], [null], Array.from({ length: 101 }, Object)]) {
      expect(() => objectListField({ items: value }, 'items')).toThrow('1 to 100 objects')
    }
  })

  test('an address may be text or an object', () => {
    expect(textOrObjectField({ address: 'here' }, 'address')).toBe('here')
    expect(textOrObjectField({ address: { zip: '1' } }, 'address')).toEqual({ zip: '1' })
    expect(() => textOrObjectField({ address: 5 }, 'address')).toThrow('1 to 500 characters')
  })
})

describe('parameters of the query string', () => {
  const limits = { ...between, default: 20 }

  test('a number has a default, a second spelling, and nothing but digits', () => {
    expect(integerParam(new URLSearchParams(), 'limit', limits)).toBe(20)
    expect(integerParam(new URLSearchParams('limit=7'), ['pageSize', 'limit'], limits)).toBe(7)
    for (const text of ['0', '101', '', '7x', '-7', '1e1', '99999999999']) {
      const search = new URLSearchParams({ limit: text })
      expect(() => integerParam(search, 'limit', limits)).toThrow('from 1 to 100')
    }
  })

  test('a list is split at commas, without empty entries', () => {
    expect(listParam(new URLSearchParams('skus=a,,b,'), 'skus')).toEqual(['a', 'b'])
    expect(listParam(new URLSearchParams(), 'skus')).toEqual([])
    const many = new URLSearchParams({ skus: 'a,'.repeat(501) })
    expect(() => listParam(many, 'skus')).toThrow('more than 500')
  })
})

test('a way to pay is one word, however it is said', () => {
  const said = ['tok_visa', { token: 'tok_visa' }, { type: 'card', token: 'tok_visa' }]
  for (const how of said) expect(paymentField({ pay: how }, 'pay')).toBe('tok_visa')
  expect(paymentField({ pay: { type: 'card' } }, 'pay')).toBe('card')
  expect(paymentField({ pay: { brand: 'x' } }, 'pay')).toBe('card')
  for (const wrong of [undefined, 7, '', { token: 7 }]) {
    expect(() => paymentField({ pay: wrong }, 'pay')).toThrow()
  }
})

describe('words and currencies', () => {
  test('a word is one of those listed, an alias of one, or the default', () => {
    const words = ['price', 'name']
    const aliases = new Map([
      ['cheap', 'price'],
      ['new', 'newest'],
    ])
    const sortOf = (query: string) =>
      choiceParam(new URLSearchParams(query), 'sort', { words, aliases, default: 'name' })
    expect(['sort=price', 'sort=cheap', 'sort=', ''].map(sortOf)).toEqual([
      ...['price', 'price', 'name', 'name'],
    ])
    for (const query of ['sort=Price', 'sort=newest', 'sort=new']) {
      expect(() => sortOf(query)).toThrow('sort must be one of price, name, not')
    }
  })

  test('a currency is three capital letters', () => {
    expect(currencyParam(new URLSearchParams())).toBe('USD')
    expect(currencyParam(new URLSearchParams('currency=EUR'))).toBe('EUR')
    expect(optionalCurrency({})).toBeUndefined()
    expect(optionalCurrency({ currency: 'GBP' })).toBe('GBP')
    for (const currency of ['eur', 'EURO', 'E1R', ' EUR']) {
      expect(() => optionalCurrency({ currency })).toThrow('three capital letters')
    }
  })
})
