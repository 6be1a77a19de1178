/** Pause of the user's own between iterations. Plain data; texts are parsed with the plan. */
export type ThinkTime =
  | { readonly kind: 'between'; readonly min: string; readonly max: string }
  | { readonly kind: 'constant'; readonly time: string }
  | { readonly kind: 'pacing'; readonly period: string }
  | { readonly kind: 'exponential'; readonly mean: string }

/** Uniform between two times. */
export const between = (min: string, max: string): ThinkTime => ({ kind: 'between', min, max })

/** Always the same. */
export const constant = (time: string): ThinkTime => ({ kind: 'constant', time })

/** A fixed iteration period: an iteration starts every `period`, however long the last one took. */
export const pacing = (period: string): ThinkTime => ({ kind: 'pacing', period })

/** Exponentially distributed: memoryless, as independent people are. */
export const exponential = (mean: string): ThinkTime => ({ kind: 'exponential', mean })
