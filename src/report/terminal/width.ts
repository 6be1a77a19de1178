/** Ranges whose characters take two columns in a terminal: East Asian wide, and emoji. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
]
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u

/** Columns a text without control characters takes in a terminal. */
export function widthOf(text: string): number {
  let columns = 0
  for (const character of text) columns += columnsOf(character)
  return columns
}

function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x300) return 1
  if (zeroWidth.test(character)) return 0
  return wide.some(([from, to]) => code >= from && code <= to) ? 2 : 1
}

/** The text cut to at most `columns`, with '…' where something is missing in the middle. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  if (columns <= 1) return columns === 1 ? '…' : ''
  const characters = [...text]
  // Names differ at their end as often as at their start: keep two thirds of the front.
  const front = Math.ceil(((columns - 1) * 2) / 3)
  const head = takeColumns(characters, front)
  const tail = takeColumns(characters.reverse(), columns - 1 - widthOf(head))
  return `${head}…${[...tail].reverse().join('')}`
}

function takeColumns(characters: readonly string[], columns: number): string {
  let taken = ''
  let used = 0
  for (const character of characters) {
    used += columnsOf(character)
    if (used > columns) break
    taken += character
  }
  return taken
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text))) + text
}

/** Breaks a text at spaces into lines of at most `columns`; a longer word stays whole. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > columns) {
      lines.push(line)
      line = word
    } else {
      line = longer
    }
  }
  return [...lines, line]
}
