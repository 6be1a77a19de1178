import fc from 'fast-check'
import { expect, test } from 'vitest'
import { framedSeconds, Framing } from './framing.ts'

/** Seconds one after the other, by hand. */
function written(seconds: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(
    seconds.flatMap(second => [...new Uint8Array(Uint32Array.of(second.length).buffer), ...second]),
  )
}

test('seconds come out whole, wherever the network cuts the stream', () => {
  const anySeconds = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 })
  fc.assert(
    fc.property(anySeconds, fc.infiniteStream(fc.integer({ min: 1, max: 90 })), (all, cuts) => {
      const framing = new Framing()
      const stream = framedSeconds(all)
      expect(stream).toEqual(written(all))
      const read: Uint8Array[] = []
      for (let from = 0; from < stream.length;) {
        const to = from + Number(cuts.next().value)
        read.push(...framing.push(stream.slice(from, to)))
        from = to
      }
      expect(read.map(one => [...one])).toEqual(all.map(one => [...one]))
    }),
  )
})
