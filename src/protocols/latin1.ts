interface Latin1Slice {
  latin1Slice(start: number, end: number): string
}

/** What toString('latin1') calls after looking the encoding up, which takes as long again. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as Buffer & Latin1Slice).latin1Slice(start, end)
}
