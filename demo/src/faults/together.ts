import type { Restore } from './surface.ts'

/**
 * Makes several changes one after the other. When one cannot be made those before it are undone
 * and its error is thrown on. What it returns undoes all, the last one first; when one cannot be
 * undone the others are all the same, and the first error is thrown.
 */
export async function together(changes: readonly (() => Promise<Restore>)[]): Promise<Restore> {
  const made: Restore[] = []
  const undo = async () => {
    const failures: unknown[] = []
    for (const restore of made.splice(0).reverse()) {
      await restore().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
  try {
    for (const change of changes) made.push(await change())
  } catch (error) {
    await undo()
    throw error
  }
  return undo
}
