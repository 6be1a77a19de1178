import { createHash } from 'node:crypto'
import type { Span } from './otlp.ts'

export interface Trace {
  readonly traceId: string
  readonly spans: readonly Span[]
}

/** The traces that were kept, and how many there were. */
export interface SampledTraces {
  readonly traces: readonly Trace[]
  /** Traces that were seen by root; an estimate once memory was short. */
  readonly seen: readonly { readonly root: RootName; readonly traces: number }[]
}

export interface RootName {
  readonly service: string
  readonly name: string
}

export interface SampleLimits {
  /** Traces that are kept in the end, all roots together. */
  readonly tracesMax: number
  /** Spans that are kept in the end. */
  readonly spansMax: number
  /** Spans that are held meanwhile. */
  readonly heldSpansMax: number
}

interface Held {
  readonly traceId: string
  readonly priority: number
  readonly spans: Span[]
}

/**
 * A uniform sample of traces for every root, of bounded size, whatever order their spans arrive in.
 * Every trace has a random number that follows from the seed and its id alone; those with the
 * smallest ones are kept (bottom-k sampling), so that nothing about a trace, neither its length nor
 * when it came, decides over it. The roots take turns: a rare one keeps as many as a frequent one.
 */
export class TraceSample {
  readonly #seed: number
  readonly #limits: SampleLimits
  readonly #held = new Map<string, Held>()
  #heldSpans = 0
  /** Traces with a priority from here on are not looked at any more: memory was short. */
  #threshold = 1

  constructor(seed: number, limits: SampleLimits) {
    this.#seed = seed
    this.#limits = limits
  }

  add(span: Span): void {
    const held = this.#held.get(span.traceId) ?? this.#begin(span.traceId)
    if (held.priority >= this.#threshold) return
    this.#held.set(span.traceId, held)
    held.spans.push(span)
    this.#heldSpans += 1
    if (this.#heldSpans > this.#limits.heldSpansMax) this.#makeRoom()
  }

  result(): SampledTraces {
    const byPriority = [...this.#held.values()].sort((one, other) => one.priority - other.priority)
    const groups = Map.groupBy(byPriority, held => {
      const { service, name } = rootOf(held.spans)
      return JSON.stringify([service, name])
    })
    const kept: Held[] = []
    let spans = 0
    for (let round = 0; [...groups.values()].some(group => group.length > round); round += 1) {
      for (const group of groups.values()) {
        const next = group[round]
        if (!next || kept.length >= this.#limits.tracesMax) continue
        if (spans + next.spans.length > this.#limits.spansMax) continue
        kept.push(next)
        spans += next.spans.length
      }
    }
    return {
      traces: kept.map(({ traceId, spans: own }) => ({ traceId, spans: own })),
      seen: [...groups.values()].map(group => {
        const { service, name } = rootOf(group[0]!.spans)
        return { root: { service, name }, traces: Math.round(group.length / this.#threshold) }
      }),
    }
  }

  #begin(traceId: string): Held {
    const hash = createHash('sha256').update(`${this.#seed}:${traceId}`).digest()
    return { traceId, priority: hash.readUIntBE(0, 6) / 2 ** 48, spans: [] }
  }

  /** Gives up the traces with the largest numbers, a fifth of what is held. */
  #makeRoom(): void {
    const byPriority = [...this.#held.values()].sort((one, other) => other.priority - one.priority)
    for (const { traceId, priority, spans } of byPriority) {
      if (this.#heldSpans <= this.#limits.heldSpansMax * 0.8) return
      this.#held.delete(traceId)
      this.#heldSpans -= spans.length
      this.#threshold = priority
    }
  }
}

/** The span whose parent is not in the trace; the earliest one when there are several. */
export function rootOf(spans: readonly Span[]): Span {
  const ids = new Set(spans.map(span => span.spanId))
  const orphans = spans.filter(span => !ids.has(span.parentSpanId))
  const from = orphans.length > 0 ? orphans : spans
  return from.reduce((first, span) => (span.startUnixUs < first.startUnixUs ? span : first))
}
