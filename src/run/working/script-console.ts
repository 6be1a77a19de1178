import { Console } from 'node:console'
import { Writable } from 'node:stream'
import type { Log } from '../../base/index.ts'

/** A console for the script: what it prints becomes log lines, so nothing tears the live table. */
export function consoleTo(log: Log): Console {
  return new Console({ stdout: lines(log.info), stderr: lines(log.warn), colorMode: false })
}

/** console.* writes whole messages, each ended by a newline. */
function lines(write: (line: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      write(chunk.replace(/\n$/, ''))
      done()
    },
  })
}
