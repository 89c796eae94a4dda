import { defaults } from '../options.ts'
import { isEverywhere, isLoopback, outsideAddress } from './addresses.ts'
import type { ChatThreads } from './start-server.ts'

export interface Listening {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly backend: string
  /** The folder of the lines, or the address of the NATS server that has them, if there is one. */
  readonly place?: string | undefined
  /** What is wrong with what was kept, in sentences. */
  readonly warnings?: readonly string[]
  /** Of the web page, if there is one. */
  readonly pageUrl?: string | undefined
  /** Where worker threads serve. */
  readonly threads?: ChatThreads | undefined
}

/** The rows that the server prints when it is ready: its address, its back end, and how to join. */
export function announcement({
  url,
  host,
  port,
  backend,
  place,
  warnings = [],
  pageUrl,
  threads,
}: Listening): string[] {
  const rows = [`Frameport chat listening on ${url} (backend ${backend})`]
  const everywhere = isEverywhere(host)
  rows.push(`Join with: ${joinCommand(everywhere ? defaults.host : host, port)}`)
  if (pageUrl !== undefined)
    rows.push(`Or in a browser: ${everywhere ? pageUrl.replace(/\/\/[^/]*:/, '//127.0.0.1:') : pageUrl}`)
  const outside = everywhere ? outsideAddress() : undefined
  if (outside !== undefined) rows.push(`From another machine: ${joinCommand(outside, port)}`)
  if (place?.includes('://')) rows.push(`Lines are kept at ${place}, where servers of this chat meet`)
  else if (place !== undefined) rows.push(`Lines are kept in ${place}`)
  if (threads !== undefined) rows.push(saidOfThreads(threads, pageUrl !== undefined))
  rows.push(...warnings)
  if (!isLoopback(host))
    rows.push('Everyone who reaches this port can read and write: no password, no encryption.')
  return rows
}

function saidOfThreads({ count, asked, alone }: ChatThreads, hasPage: boolean): string {
  if (alone !== undefined && asked > 1)
    return `One worker serves in place of ${asked}, since they cannot share the port. ${alone}`
  if (count === 1) return 'One worker serves.'
  const page = hasPage
    ? ' The first of them alone serves the page, since WebSockets cannot share a port.'
    : ''
  return `${count} workers share the port.${page}`
}

function joinCommand(host: string, port: number): string {
  const where = host === defaults.host ? '' : ` --host ${host}`
  const which = port === defaults.port ? '' : ` --port ${port}`
  return `npm run chat -- --name guest${where}${which}`
}
