import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faults } from './catalogue.ts'
import { drawParameters, readParameters } from './parameters.ts'

describe('the list of faults', () => {
  test('holds every family, and no name twice', () => {
    const families = new Set(faults.map(fault => fault.family))
    const all = Array.from({ length: 22 }, (_, n) => `F${String(n + 1).padStart(2, '0')}`)
    expect([...families].sort()).toEqual(all)
    const names = faults.map(fault => fault.name)
    expect(new Set(names).size).toBe(names.length)
  })

  test.each(faults.map(fault => [fault.name, fault] as const))('%s can be drawn', (_, fault) => {
    expect(Object.keys(readParameters(fault, {}))).toEqual(Object.keys(fault.parameters))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), seed => {
        const drawn = drawParameters(fault, seed)
        expect(readParameters(fault, drawn)).toEqual(drawn)
        expect(drawParameters(fault, seed)).toEqual(drawn)
        const { service, pattern } = fault.label(drawn)
        expect(service).not.toBe('')
        expect(pattern).toMatch(/^P\d\d$/)
      }),
      { numRuns: 30 },
    )
  })

  test.each(faults.map(fault => [fault.name, fault] as const))('%s tells itself', (_, fault) => {
    const sentence = /^[a-z].{30,}[^.\s]$/
    expect(fault.about).toMatch(sentence)
    expect(fault.symptom).toMatch(sentence)
    for (const parameter of Object.values(fault.parameters)) {
      if (parameter.kind === 'choice') expect(parameter.of).toContain(parameter.default)
      else {
        const { min, max, default: usual, drawn } = parameter
        expect(Math.min(usual, ...drawn)).toBeGreaterThanOrEqual(min)
        expect(Math.max(usual, ...drawn)).toBeLessThanOrEqual(max)
        expect(drawn[0]).toBeLessThanOrEqual(drawn[1])
      }
    }
  })
})
