import { defaults } from '../options.ts'
import { isEverywhere, isLoopback, outsideAddress } from './addresses.ts'

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
  rows.push(...warnings)
  if (!isLoopback(host))
    rows.push('Everyone who reaches this port can read and write: no password, no encryption.')
  return rows
}

function joinCommand(host: string, port: number): string {
  const where = host === defaults.host ? '' : ` --host ${host}`
  const which = port === defaults.port ? '' : ` --port ${port}`
  return `npm run chat -- --name guest${where}${which}`
}
