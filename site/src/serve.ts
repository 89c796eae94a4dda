import { readFile } from 'node:fs/promises'
import { createServer, type Server, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where `npm run site` writes the site. */
export const builtSite: string = fileURLToPath(new URL('../.vitepress/dist', import.meta.url))

/** The path below which the site is served. A host that does not serve it at its root sets it for the build. */
const base: string = process.env.FRAMEPORT_SITE_BASE ?? '/'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
}

export interface ServedSite {
  /** With the base, as `http://127.0.0.1:5590/`. */
  readonly url: string
  close(): Promise<void>
}

/** Serves the built site as a host of static files does: what is not there is the page 404.html. */
export async function serveSite(port: number): Promise<ServedSite> {
  await requireBuiltSite()
  const server = createServer((request, response) => {
    void answerTo(request.url ?? '/')
      .catch(() => ({ status: 400, type: 'text/plain', body: STATUS_CODES[400] ?? '' }))
      .then(({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: given } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${given}${base}`, close: () => closed(server) }
}

async function requireBuiltSite(): Promise<void> {
  const text = await readFile(join(builtSite, 'index.html'), 'utf8').catch(() => {
    throw new Error('The site is not built yet: npm run site')
  })
  if (!text.includes(` href="${base}assets/`))
    throw new Error(
      `The site was built for another base than ${base}. Build it again with this one: npm run site`,
    )
}

async function answerTo(url: string): Promise<{ status: number; type: string; body: string | Buffer }> {
  const path = decodeURIComponent(new URL(url, 'http://site').pathname)
  const name = path.endsWith('/') ? `${path}index.html` : path
  const inFolder = name.startsWith(base) ? normalize(`/${name.slice(base.length)}`) : '/404'
  const found = await readFile(join(builtSite, inFolder)).catch(() => undefined)
  return found === undefined
    ? { status: 404, type: 'text/html; charset=utf-8', body: await readFile(join(builtSite, '404.html')) }
    : { status: 200, type: types[extname(name)] ?? 'application/octet-stream', body: found }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
