import type { conduct, Conducted, Surroundings } from '../experiment.ts'
import type { ExperimentOptions, SurveyOptions } from '../options.ts'
import { differenceWords, doubt, withDamage } from './paired.ts'

const widths = [22, 10, 10] as const

/**
 * Runs every draw and prints one line for each as it ends. Draws with the same seed and topology
 * share one clean run; a second clean run with that seed is judged as if it had the fault, which
 * shows what the machine alone does. Returns the exit code: 1 when a draw could not be run.
 */
export async function survey(
  { survey: draws }: SurveyOptions,
  surroundings: Surroundings,
  run: typeof conduct,
): Promise<number> {
  const quiet = { ...surroundings, say: () => undefined }
  const print = (cells: readonly (string | number)[]) => surroundings.say(row(cells))
  print(['fault', 'seed', 'verdict', 'parameters · what came closest or was worst'])
  const verdicts: Verdict[] = []
  for (const [, group] of Map.groupBy(draws, ({ seed, mesh }) => `${seed} ${mesh}`)) {
    const [first] = group
    if (!first) continue
    const healthy = { ...first, fault: undefined }
    const clean = await run(healthy, quiet)
    print(judged(asIfFaulty(await run(healthy, quiet), first), clean))
    for (const options of group) {
      const conducted = await run(options, quiet).catch((error: unknown) => {
        surroundings.signal.throwIfAborted()
        return error as Error
      })
      const { name = '' } = options.fault ?? {}
      const cells =
        conducted instanceof Error
          ? ([name, options.seed, 'not judged', conducted.message] as const)
          : judged(conducted, clean)
      verdicts.push(cells[2])
      print(cells)
    }
  }
  const count = (wanted: Verdict) => verdicts.filter(verdict => verdict === wanted).length
  const notJudged = count('not judged')
  surroundings.say(
    `${count('damaged')} damaged, ${count('silent')} silent, ${notJudged} not judged`,
  )
  return notJudged > 0 ? 1 : 0
}

type Verdict = 'damaged' | 'silent' | 'not judged'
type Cells = readonly [name: string, seed: number, verdict: Verdict, words: string]

function judged(conducted: Conducted, clean: Conducted): Cells {
  const { damage, fault, seed } = withDamage(conducted, clean).label
  if (!fault || !damage) return ['', seed, 'not judged', 'it ended before the fault was set']
  const parameters = Object.entries(fault.parameters).map(([key, value]) => `${key}=${value}`)
  const crashed = conducted.recording.events.some(({ kind }) => kind === 'Crash')
  const words = [
    ...(parameters.length > 0 ? [parameters.join(' ')] : []),
    differenceWords(damage.strongest),
    ...(damage.found.length > 1 ? [`${damage.found.length - 1} more figures`] : []),
    ...(crashed ? ['the shop crashed'] : []),
    ...[doubt(damage) ?? []].flat(),
  ]
  return [fault.name, seed, damage.silent ? 'silent' : 'damaged', words.join(' · ')]
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

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell, column) => String(cell).padEnd(widths[column] ?? 0)).join(' ')
}
