import { theme } from '../../app/theme.ts'

const known = new Map<string, string>()

/** The value of a custom property of the page now; canvases cannot resolve var(). */
export function paint(property: string): string {
  const key = `${theme.peek()}${property}`
  let value = known.get(key)
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(property).trim()
    if (value !== '') known.set(key, value)
  }
  return value
}
