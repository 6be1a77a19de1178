import type { DataRows, TestPlan } from '../../plan/index.ts'
import type { Share } from '../../schedule/index.ts'

/**
 * The rows one worker gets: every `count`-th of sources that give each row once or in order, all
 * rows of sources that are drawn at random.
 */
export function rowsOfShare(
  plan: TestPlan,
  data: readonly DataRows[],
  share: Share,
): readonly DataRows[] {
  return data.map(source => {
    const scenario = plan.scenarios.find(({ name }) => name === source.scenario)
    const declared = scenario?.data.find(({ name }) => name === source.name)
    if (declared?.give === 'random') return source
    const rows = source.rows.filter((_, row) => row % share.count === share.index)
    return { ...source, rows }
  })
}
