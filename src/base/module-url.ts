/**
 * URL of a module beside the caller, for `new Worker(...)`. Keeps the caller's own ending, so it
 * finds `.ts` in a clone and `.js` in the published package.
 */
export function siblingModule(callerUrl: string, stem: string): URL {
  return new URL(`./${stem}${callerUrl.slice(callerUrl.lastIndexOf('.'))}`, callerUrl)
}
