/** Where names beyond the limit are counted. */
export const otherName = '(other)'
const reportedNames = 20

/**
 * Keeps the first `maxNames` names of every group apart; any further name becomes '(other)'. The
 * first 20 folded names are handed out once, for the warning.
 */
export class NameTable {
  readonly #maxNames: number
  readonly #groups = new Map<string, Set<string>>()
  readonly #reported = new Set<string>()
  #unreported: string[] = []

  constructor(maxNames: number) {
    this.#maxNames = maxNames
  }

  /** The name to count under: `name` itself, or '(other)'. */
  resolve(group: string, name: string): string {
    let names = this.#groups.get(group)
    if (names === undefined) this.#groups.set(group, (names = new Set()))
    if (names.has(name) || name === otherName) return name
    if (names.size < this.#maxNames) {
      names.add(name)
      return name
    }
    this.#note(name)
    return otherName
  }

  /** Names folded since the last call, at most 20 in all calls together. */
  takeFolded(): string[] {
    const taken = this.#unreported
    this.#unreported = []
    return taken
  }

  #note(name: string): void {
    if (this.#reported.size >= reportedNames || this.#reported.has(name)) return
    this.#reported.add(name)
    this.#unreported.push(name)
  }
}
