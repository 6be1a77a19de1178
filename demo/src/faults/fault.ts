import type { FaultSurface } from './surface.ts'

/** F01 to F22: the families of causes. */
export type Family = `F${0 | 1 | 2}${number}`

/** One parameter: what it may be, what it is when not given, and between what it is drawn. */
export type Parameter =
  | {
      readonly kind: 'number'
      readonly about: string
      readonly default: number
      /** Smallest and largest value that is accepted. */
      readonly min: number
      readonly max: number
      /** Interval of a random draw, inside [min, max]. */
      readonly drawn: readonly [number, number]
      /** Whole numbers only. */
      readonly whole: boolean
    }
  | {
      readonly kind: 'choice'
      readonly about: string
      readonly default: string
      readonly of: readonly string[]
      /** What a random draw takes one of; among `of`. */
      readonly drawn: readonly string[]
    }

export type ParameterValues = Readonly<Record<string, number | string>>

/** What is truly broken while a fault is set: the answer a diagnosis is measured against. */
export interface FaultLabel {
  /** The service at the root; 'generator' for F21. */
  readonly service: string
  /** Expected pattern, 'P08'. */
  readonly pattern: string
  /** The resource of that service: 'database pool', 'cpu', 'row stock/sku-1001'. */
  readonly resource?: string
  readonly edge?: readonly [from: string, to: string]
}

/** One switch. Its mechanism is real: nothing in it only pretends to be slow. */
export interface Fault {
  /** 'small-pool'. */
  readonly name: string
  readonly family: Family
  /** The mechanism, one sentence. */
  readonly about: string
  /** What a client sees under load, one sentence. */
  readonly symptom: string
  readonly parameters: Readonly<Record<string, Parameter>>
  /** What the shop must have been started with. */
  readonly needs?: 'mesh'
  readonly label: (values: ParameterValues) => FaultLabel
  /** Sets it; resolves when it acts. What it returns undoes everything and resolves when undone. */
  readonly set: (surface: FaultSurface, values: ParameterValues) => Promise<() => Promise<void>>
}
