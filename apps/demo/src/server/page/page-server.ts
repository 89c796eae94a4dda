import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bundlePage, type PageFile, pageSource } from './bundle.ts'
import { type HostCheck, ownHosts, ownOrigins } from './host-names.ts'

/**
 * The page may load its own files, show pictures that it has created itself, and connect to its own server. No text in
 * a name or a line can run as code, even if the page has a bug.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
}

/** A listening HTTP server with the page of the chat. */
export interface PageServer {
  readonly http: Server
  readonly url: string
  /** For the option of `ws()`. */
  readonly origins: ReturnType<typeof ownOrigins>
  close(): Promise<void>
}

/** Rejects with the error of Node.js if it cannot listen, or if the page cannot be bundled. */
export async function servePage(host: string, port: number): Promise<PageServer> {
  const files = await pageFiles()
  const isOwnHost = ownHosts(host)
  const http = createServer((request, response) => answer({ files, isOwnHost }, request, response))
  http.listen(port, host)
  await once(http, 'listening')
  const { address, family, port: real } = http.address() as AddressInfo
  const shown = family === 'IPv6' ? `[${address}]` : address
  return {
    http,
    url: `http://${shown}:${real}/`,
    origins: ownOrigins(isOwnHost),
    async close() {
      http.closeIdleConnections()
      const closed = once(http, 'close')
      http.close()
      http.closeAllConnections()
      await closed
    },
  }
}

async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const [program, page, style, icon] = await Promise.all([
    bundlePage(),
    readFile(pageSource('index.html')),
    readFile(pageSource('style.css')),
    readFile(pageSource('icon.svg')),
  ])
  return new Map<string, PageFile>([
    ['/', { type: 'text/html; charset=utf-8', body: page }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', body: program }],
    ['/style.css', { type: 'text/css; charset=utf-8', body: style }],
    ['/icon.svg', { type: 'image/svg+xml', body: icon }],
  ])
}

const strange = [
  421,
  'The page is not available under this host name. Use the address that the server prints.',
] as const
const missing = [404, 'There is no such file.'] as const
const unchanging = [405, 'Only GET and HEAD requests are allowed.'] as const

function answer(
  { files, isOwnHost }: { readonly files: ReadonlyMap<string, PageFile>; readonly isOwnHost: HostCheck },
  { url = '/', method, headers: { host } }: IncomingMessage,
  response: ServerResponse,
): void {
  const file = files.get(url.split('?', 1)[0] as string)
  const isRead = method === 'GET' || method === 'HEAD'
  if (!isOwnHost(host) || !isRead || file === undefined) {
    const [status, sentence] = !isOwnHost(host) ? strange : isRead ? missing : unchanging
    response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' })
    response.end(`${sentence}\n`)
    return
  }
  response.writeHead(200, {
    ...headers,
    'Content-Type': file.type,
    'Content-Length': Buffer.byteLength(file.body),
  })
  response.end(method === 'HEAD' ? undefined : file.body)
}
