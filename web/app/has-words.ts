/** Whether a text has every word of the search in it, in capitals or not. */
export function hasWords(text: string, search: string): boolean {
  const within = text.toLowerCase()
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return words.every(word => within.includes(word))
}
