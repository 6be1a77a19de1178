/** Colours for a terminal; each function takes plain text. picocolors' object fits. */
export interface Paint {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
}

const same = (text: string) => text

/** For pipes, files and NO_COLOR: the text as it is. */
export const plainPaint: Paint = {
  ...{ bold: same, dim: same, red: same, green: same, yellow: same, cyan: same },
}
