import { spawn } from 'node:child_process'
import type { Environment } from '../options/read-flags.ts'

/**
 * Opens an address in the user's browser. Resolves with false when there is none to open: no
 * desktop, or no program for it.
 */
export function openBrowser(url: string, environment: Environment): Promise<boolean> {
  const [program, args] = openerOf(url)
  if (program === 'xdg-open' && !hasDesktop(environment)) return Promise.resolve(false)
  return new Promise(resolve => {
    const opener = spawn(program, args, { stdio: 'ignore', detached: true })
    opener.once('error', () => resolve(false))
    opener.once('spawn', () => resolve(true))
    opener.unref()
  })
}

function openerOf(url: string): [program: string, args: string[]] {
  if (process.platform === 'darwin') return ['open', [url]]
  // The first word in quotes would be the window's title.
  if (process.platform === 'win32') return ['cmd', ['/c', 'start', '""', url.replace(/&/g, '^&')]]
  return ['xdg-open', [url]]
}

function hasDesktop(environment: Environment): boolean {
  return Boolean(environment['DISPLAY'] ?? environment['WAYLAND_DISPLAY'] ?? '')
}
