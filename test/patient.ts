import { vi } from 'vitest'

/**
 * On a busy machine a process may take longer than vitest's second to do what a test waits for.
 * A condition that holds at once is not waited for any longer by this.
 */
const waitFor = vi.waitFor.bind(vi)
vi.waitFor = (condition, options) => waitFor(condition, options ?? { timeout: 15_000 })
