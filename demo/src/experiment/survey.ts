import { conduct, type Conducted, type Surroundings } from './experiment.ts'
import type { ExperimentOptions, SurveyOptions } from './options.ts'
import { differenceWords, withDamage } from './paired.ts'

const widths = [22, 10, 10] as const

/**
 * Runs every draw and prints one line for each as it ends. Draws with the same seed and topology
 * share one clean run; a second clean run with that seed is judged as if it had the fault, which
 * shows what the machine alone does. Returns the exit code: 1 when a draw could not be run.
 */
export async function survey(
  { survey: draws }: SurveyOptions,
  surroundings: Surroundings,
): Promise<number> {
  const quiet = { ...surroundings, say: () => undefined }
  const print = (cells: readonly string[]) => surroundings.say(row(cells))
  print(['fault', 'seed', 'verdict', 'parameters · what came closest or was worst'])
  const counts = { damaged: 0, silent: 0, failed: 0 }
  for (const [, group] of Map.groupBy(draws, ({ seed, mesh }) => `${seed} ${mesh}`)) {
    const [first] = group
    if (!first) continue
    const clean = await conduct({ ...first, fault: undefined }, quiet)
    const again = await conduct({ ...first, fault: undefined }, quiet)
    print(judged(asIfFaulty(again, first), clean, 'no fault'))
    for (const options of group) {
      const cells = await drawn(options, clean, quiet)
      counts[cells[2] === 'silent' ? 'silent' : cells[2] === 'damaged' ? 'damaged' : 'failed'] += 1
      print(cells)
    }
  }
  const { damaged, silent, failed } = counts
  surroundings.say(`${damaged} damaged, ${silent} silent, ${failed} not judged`)
  return failed > 0 ? 1 : 0
}

type Cells = readonly [name: string, seed: string, verdict: string, words: string]

async function drawn(
  options: ExperimentOptions,
  clean: Conducted,
  surroundings: Surroundings,
): Promise<Cells> {
  const name = options.fault?.name ?? ''
  try {
    return judged(await conduct(options, surroundings), clean, name)
  } catch (error) {
    surroundings.signal.throwIfAborted()
    return [name, String(options.seed), 'not judged', (error as Error).message]
  }
}

function judged(conducted: Conducted, clean: Conducted, name: string): Cells {
  const { damage, fault, seed } = withDamage(conducted, clean).label
  if (!damage) return [name, String(seed), 'not judged', 'the fault was never set']
  const parameters = Object.entries(fault?.parameters ?? {}).map(([key, value]) => {
    return `${key}=${value}`
  })
  const crashed = conducted.recording.events.some(({ kind }) => kind === 'Crash')
  const verdict = damage.silent ? 'silent' : 'damaged'
  const words = [parameters.join(' '), differenceWords(damage.strongest)]
  return [name, String(seed), verdict, [...words, ...(crashed ? ['crashed'] : [])].join(' · ')]
}

/** A healthy run with the times that a fault would have had. */
function asIfFaulty(healthy: Conducted, { fault }: ExperimentOptions): Conducted {
  if (!fault) return healthy
  const setAtMs = fault.atSeconds * 1_000
  const clearedAtMs = setAtMs + fault.forSeconds * 1_000
  const times = { askedAtMs: setAtMs, setAtMs, clearAskedAtMs: clearedAtMs, clearedAtMs }
  const { family } = fault
  const none = { name: 'no fault', family, parameters: {}, random: false }
  const label = { service: '', pattern: 'P22' }
  return { ...healthy, label: { ...healthy.label, fault: { ...none, label, ...times } } }
}

function row(cells: readonly string[]): string {
  return cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' ')
}
