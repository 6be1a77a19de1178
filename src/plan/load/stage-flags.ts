import { parseDurationUs, parseRatePerSecond, UsageError } from '../../base/index.ts'
import {
  checkedStages,
  defaultMaxUsers,
  type ParsedStage,
  type ParsedStages,
} from './parsed-load.ts'

/** Stages of the command line: '30s:50' ramps to 50 users over 30 s, '30s:50/s' to 50 starts/s. */
export function parseStageFlags(written: readonly string[]): ParsedStages {
  const stages = written.map(parseStageFlag)
  const by = stages[0]?.by ?? 'users'
  if (stages.some(stage => stage.by !== by)) {
    throw new UsageError(
      'STAGES_MIXED',
      `-s/--stage: some stages are by users, some by rate (50/s); use one of them throughout`,
    )
  }
  const load = { kind: 'stages', by, stages, poisson: false, maxUsers: defaultMaxUsers } as const
  return checkedStages(load, '-s/--stage')
}

function parseStageFlag(written: string): ParsedStage & { by: 'users' | 'rate' } {
  const where = '-s/--stage'
  const parts = /^\s*([^:]+):([^:]+)$/.exec(written)
  const level = parts?.[2]?.trim() ?? ''
  const byRate = level.includes('/')
  if (parts === null || (!byRate && !/^\d+$/.test(level))) {
    throw new UsageError(
      'STAGES',
      `${where} ${JSON.stringify(written)} is not a stage; ` +
        `write DURATION:USERS (30s:50) or DURATION:RATE (30s:50/s)`,
    )
  }
  return {
    by: byRate ? 'rate' : 'users',
    level: byRate ? parseRatePerSecond(level, where) : Number(level),
    durationUs: parseDurationUs(parts[1]?.trim(), where),
    ramps: true,
  }
}
