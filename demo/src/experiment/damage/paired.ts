import { damageOf, type Damage, type Difference } from './damage.ts'
import { conduct, type Conducted, type Surroundings } from '../experiment.ts'
import type { ExperimentOptions } from '../options.ts'
import type { Label } from '../recording.ts'

export interface Paired extends Conducted {
  /** Undefined when it was not asked for. */
  readonly clean?: Conducted
}

/**
 * Runs an experiment, before it its clean twin when that is wanted: a shop of its own, the same
 * seed, topology and load, and no fault. The label then says what the fault did to clients.
 */
export async function conductPaired(
  options: ExperimentOptions,
  surroundings: Surroundings,
): Promise<Paired> {
  if (!options.paired) return conduct(options, surroundings)
  const clean = await conduct({ ...options, fault: undefined }, surroundings)
  return { ...withDamage(await conduct(options, surroundings), clean), clean }
}

/** The same with the damage in its label; as it was when its fault was never set. */
export function withDamage(conducted: Conducted, clean: Conducted): Conducted {
  const { label, seconds: faulty } = conducted
  const { fault, seed } = label
  if (!fault) return conducted
  const damage = damageOf({ faulty, clean: clean.seconds, fault, seed })
  const generatorOnTime = { clean: wasOnTime(clean), faulty: wasOnTime(conducted) }
  return { ...conducted, label: { ...label, damage: { ...damage, generatorOnTime } } }
}

/** What the run itself says about its figures. */
function wasOnTime({ recording }: Conducted): boolean {
  const validity = recording.load['validity'] as { readonly valid?: boolean } | undefined
  return validity?.valid ?? true
}

/** Undefined when the clean run was on time; a fault may be what made the other late. */
export function doubt({ generatorOnTime }: NonNullable<Label['damage']>): string | undefined {
  return generatorOnTime.clean ? undefined : 'the machine was too busy for the clean run'
}

/** 'damage: p95 of GET /api/cart 12 -> 340 ms, x 28 (24 to 33), p < 0.001'. */
export function damageLine({ silent, strongest, found, tests }: Damage): string {
  const words = differenceWords(strongest)
  if (silent) return `silent: none of ${tests} figures is surely and much worse (closest: ${words})`
  const others = found.length > 1 ? `; ${found.length - 1} more of ${tests} figures` : ''
  return `damage: ${words}${others}`
}

export function differenceWords(difference: Difference): string {
  const { kind, name, clean, faulty, pValue } = difference
  const unit = { errors: ' %', throughput: '/s', p50: ' ms', p95: ' ms', p99: ' ms' }[kind]
  const scale = kind === 'errors' ? 100 : 1
  const shown = (value: number) => String(Number((value * scale).toPrecision(3)))
  const estimate = [difference.estimate, ...difference.interval].map(shown)
  const effect = kind === 'errors' ? `${estimate[0]} points` : `x ${estimate[0]}`
  const chance = pValue < 0.001 ? 'p < 0.001' : `p = ${Number(pValue.toPrecision(2))}`
  return (
    `${kind} of ${name} ${shown(clean)} -> ${shown(faulty)}${unit}, ` +
    `${effect} (${estimate[1]} to ${estimate[2]}), ${chance}`
  )
}
