export type KeyHandler = (key: string) => void

const enter = /^[\r\n]$/
const endOfText = '\u0003'

/**
 * Hands every key to `onKey` as it is pressed: letters as they are, 'enter', and 'ctrl-c', which a
 * terminal in raw mode no longer turns into a signal. Without a terminal nothing happens. Returns
 * a function that gives the terminal back.
 */
export function readKeys(stdin: NodeJS.ReadStream, onKey: KeyHandler): () => void {
  if (!stdin.isTTY) return () => {}
  const onData = (text: string) => {
    for (const key of text) onKey(key === endOfText ? 'ctrl-c' : enter.test(key) ? 'enter' : key)
  }
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  stdin.on('data', onData)
  stdin.resume()
  return () => {
    stdin.off('data', onData)
    stdin.setRawMode(false)
    stdin.pause()
  }
}
