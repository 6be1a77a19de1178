/** Shapes of the load over time. */
export const profileNames = ['steady', 'ramp', 'steps', 'spike', 'soak'] as const
export type ProfileName = (typeof profileNames)[number]

/** One part of the load: a straight line from the level before (0 at first) to this one. */
export interface Stage {
  readonly seconds: number
  readonly level: number
}

/** How much load there is: journeys started per second, or users that are there. */
export interface LoadLevel {
  readonly model: 'open' | 'closed'
  readonly level: number
}

/** A level that is there at once, for the command line, which knows only lines. */
const jumpSeconds = 0.1

const shapes: Readonly<
  Record<ProfileName, readonly { readonly share: number; readonly height: number; ramp?: true }[]>
> = {
  steady: [
    { share: 0.1, height: 1, ramp: true },
    { share: 0.9, height: 1 },
  ],
  ramp: [
    { share: 0.1, height: 0.1 },
    { share: 0.9, height: 1, ramp: true },
  ],
  steps: [0.25, 0.5, 0.75, 1].map(height => ({ share: 0.25, height })),
  spike: [
    { share: 0.4, height: 0.3 },
    { share: 0.2, height: 1 },
    { share: 0.4, height: 0.3 },
  ],
  soak: [
    { share: 0.15, height: 1, ramp: true },
    { share: 0.75, height: 1 },
    { share: 0.1, height: 0.2, ramp: true },
  ],
}

/**
 * Stages of a profile whose highest level is `level`, together exactly `seconds` long: 'steady'
 * there after a tenth, in which a cold shop warms up · 'ramp' up to it over the whole run · 'steps'
 * of a quarter each · 'spike' up to it in the middle fifth · 'soak' slowly up, long at it, slowly
 * down.
 */
export function stagesOf(
  name: ProfileName,
  of: { readonly seconds: number; readonly load: LoadLevel },
): Stage[] {
  const levelOf = (height: number) =>
    of.load.model === 'closed'
      ? Math.max(1, Math.round(of.load.level * height))
      : rounded(of.load.level * height)
  return shapes[name].flatMap(({ share, height, ramp }) => {
    const level = levelOf(height)
    const seconds = rounded(of.seconds * share)
    if (ramp) return [{ seconds, level }]
    return [
      { seconds: jumpSeconds, level },
      { seconds: rounded(seconds - jumpSeconds), level },
    ]
  })
}

/** The same as flags of the command line. */
export function stageFlags(stages: readonly Stage[], { model }: LoadLevel): string[] {
  const unit = model === 'open' ? '/s' : ''
  return stages.flatMap(({ seconds, level }) => ['--stage', `${seconds}s:${level}${unit}`])
}

const rounded = (value: number) => Math.round(value * 1_000) / 1_000
