/** 'a b' of 'a%20b'; a text that is not written so comes back as it is. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
