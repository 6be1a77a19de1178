import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fault, ParameterValues } from './fault.ts'
import {
  choice,
  drawParameters,
  FaultInputError,
  number,
  parseFault,
  readParameters,
} from './parameters.ts'

const fault: Fault = {
  ...{ name: 'slow', family: 'F02', about: 'It is slow.', symptom: 'It takes long.' },
  parameters: {
    service: choice('which one', ['catalog', 'cart']),
    count: number('how many', { default: 3, min: 1, max: 9, drawn: [2, 4] }),
    ratio: number('what share', { default: 0.5, min: 0, max: 1, whole: false }),
  },
  label: () => ({ service: 'catalog', pattern: 'P02' }),
  set: () => Promise.resolve(() => Promise.resolve()),
}

describe('the parameters of a fault', () => {
  test('are the defaults where nothing is given', () => {
    expect(readParameters(fault, {})).toEqual({ service: 'catalog', count: 3, ratio: 0.5 })
    expect(readParameters(fault, { count: 9, service: 'cart' })).toEqual({
      ...{ service: 'cart', count: 9, ratio: 0.5 },
    })
  })

  test('may be numbers written as text, as on the command line', () => {
    expect(readParameters(fault, { count: '4', ratio: ' 0.25 ' })).toMatchObject({
      ...{ count: 4, ratio: 0.25 },
    })
  })

  test.each([
    [{ count: 0 }, 'count is 0; it must be a whole number from 1 to 9'],
    [{ count: 10 }, 'count is 10; it must be a whole number from 1 to 9'],
    [{ count: 1.5 }, 'count is 1.5; it must be a whole number from 1 to 9'],
    [{ count: '' }, 'count is ""; it must be a whole number from 1 to 9'],
    [{ count: 'many' }, 'count is "many"; it must be a whole number from 1 to 9'],
    [{ count: null }, 'count is null; it must be a whole number from 1 to 9'],
    [{ ratio: Number.NaN }, 'it must be a number from 0 to 1'],
    [{ ratio: 1.01 }, 'ratio is 1.01; it must be a number from 0 to 1'],
    [{ service: 'order' }, 'service is "order"; it must be one of catalog, cart'],
    [{ service: 1 }, 'service is 1; it must be one of catalog, cart'],
    [{ cout: 1 }, 'slow has no parameter cout; it has service, count, ratio'],
    [{ constructor: 1 }, 'slow has no parameter constructor; it has service, count, ratio'],
  ])('%j is refused: %s', (given, message) => {
    expect(() => readParameters(fault, given)).toThrow(FaultInputError)
    expect(() => readParameters(fault, given)).toThrow(message)
  })

  test('that are drawn lie where they may, and the same seed draws the same', () => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const drawn = drawParameters(fault, seed)
        expect(drawn).toEqual(drawParameters(fault, seed))
        expect(readParameters(fault, drawn)).toEqual(drawn)
        expect(drawn['count']).toBeOneOf([2, 3, 4])
      }),
    )
  })

  test('that are drawn keep to the words that are meant for it', () => {
    const of = choice('which one', ['catalog', 'cart', 'order'], ['cart', 'order'])
    const some: Fault = { ...fault, parameters: { of } }
    const drawn = Array.from({ length: 100 }, (_, seed) => drawParameters(some, seed)['of'])
    expect(new Set(drawn)).toEqual(new Set(['cart', 'order']))
    expect(readParameters(some, { of: 'catalog' })).toEqual({ of: 'catalog' })
  })

  test('that are drawn reach every value, and their mean is the middle', () => {
    const draws = Array.from({ length: 3_000 }, (_, seed) => drawParameters(fault, seed))
    const share = (is: (values: ParameterValues) => boolean) => draws.filter(is).length / 3_000
    for (const service of ['catalog', 'cart']) {
      expect(share(values => values['service'] === service)).toBeCloseTo(1 / 2, 1)
    }
    for (const count of [2, 3, 4]) {
      expect(share(values => values['count'] === count)).toBeCloseTo(1 / 3, 1)
    }
    expect(share(values => Number(values['ratio']) < 0.2)).toBeCloseTo(0.2, 1)
  })
})

describe('a fault written as one word', () => {
  test('has a name, and parameters as text', () => {
    expect(parseFault('slow')).toEqual({ name: 'slow', parameters: {} })
    expect(parseFault(' slow : count = 2, service=cart,')).toEqual({
      ...{ name: 'slow', parameters: { count: '2', service: 'cart' } },
    })
  })

  test('without an equals sign says how to write it', () => {
    expect(() => parseFault('slow:count')).toThrow('write a fault as name:parameter=value')
  })
})
