import { readFile, stat } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import type { Context, Hono } from 'hono'
import { compressed, type Body } from '../access/compression.ts'
import { refused } from '../access/access.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
}

/** Files whose name holds a hash of what is in them: another content has another name. */
const hashedName = /^\/assets\/.+-[\w-]{8,}\.\w+$/

/** The built page: its files, and nothing else of the disk. */
export function pageFiles(app: Hono, folder: string): void {
  app.get('/*', async c => {
    const path = c.req.path === '/' ? '/index.html' : c.req.path
    if (path.startsWith('/api/')) return refused(c, 404, `there is no ${path}`)
    const body = await fileOf(folder, path)
    if (body !== undefined) return compressed(c, body)
    if (path === '/index.html') return notBuilt(c)
    return c.text('There is no such page.', 404)
  })
}

async function fileOf(folder: string, path: string): Promise<Body | undefined> {
  const file = resolve(join(folder, decoded(path)))
  const type = types[extname(file)]
  if (type === undefined || !file.startsWith(`${resolve(folder)}${sep}`)) return undefined
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() !== true) return undefined
  const caching = hashedName.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'
  return { bytes: await readFile(file), type, headers: { 'cache-control': caching } }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // No name that a file of ours could have.
    return '/'
  }
}

function notBuilt(c: Context): Response {
  const text =
    'The dashboard has not been built in this folder. Run "npm run build:web" and load this page ' +
    'again; /api/runs and /metrics answer meanwhile.\n'
  return c.text(text, 200, { 'cache-control': 'no-store' })
}
