import { defaults } from '../options.ts'
import { isEverywhere, isLoopback, outsideAddress } from './addresses.ts'
import type { ChatThreads } from './start-server.ts'

export interface Listening {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly backend: string
  /** The place where the lines are kept, as a part of a sentence. Absent: in memory only. */
  readonly place?: string | undefined
  /** Where the other servers of the chat get files, in sentences. */
  readonly peers?: readonly string[]
  /** Problems with the stored data, in sentences. */
  readonly warnings?: readonly string[]
  /** The URL of the web page, if there is one. */
  readonly pageUrl?: string | undefined
  /** Present if worker threads serve. */
  readonly threads?: ChatThreads | undefined
}

/** The rows that the server prints when it is ready: its address, its back end, and how to join. */
export function announcement({
  url,
  host,
  port,
  backend,
  place,
  peers = [],
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
  if (place !== undefined) rows.push(`Lines are kept ${place}`)
  rows.push(...peers)
  if (threads !== undefined) rows.push(saidOfThreads(threads, backend, pageUrl !== undefined))
  rows.push(...warnings)
  if (!isLoopback(host))
    rows.push('Everyone who reaches this port can read and write: there is no password and no encryption.')
  return rows
}

function saidOfThreads({ count, asked, alone }: ChatThreads, backend: string, hasPage: boolean): string {
  if (alone !== undefined && asked > 1)
    return `One worker serves instead of ${asked}, because the back end ${backend} cannot share a port between workers here. ${alone}`
  if (count === 1) return 'One worker serves.'
  const page = hasPage ? ' Only the first one serves the page, because WebSockets cannot share a port.' : ''
  return `${count} workers share the port.${page}`
}

function joinCommand(host: string, port: number): string {
  const where = host === defaults.host ? '' : ` --host ${host}`
  const which = port === defaults.port ? '' : ` --port ${port}`
  return `npm run chat -- --name guest${where}${which}`
}
