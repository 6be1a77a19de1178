/** A pause that can be ended early; a call of `end` while nobody waits ends the next one. */
export class Wait {
  #ended = false
  #wake: (() => void) | undefined

  async for(pauseMs: number): Promise<void> {
    if (!this.#ended) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, pauseMs)
      await promise
      clearTimeout(timer)
      this.#wake = undefined
    }
    this.#ended = false
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }
}
