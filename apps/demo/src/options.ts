import { type BackendChoice, backendChoices } from '@frameport/iocp-core'
import { type Command, InvalidArgumentError, Option } from 'commander'

/** The default address: the port of the legacy server, on this machine only. */
export const defaults = { host: '127.0.0.1', port: 5500, room: 'lobby' } as const

export interface AddressOptions {
  readonly host: string
  readonly port: number
  /** Absent: the core chooses, unless the variable FRAMEPORT_BACKEND is set. */
  readonly backend?: BackendChoice
}

/** Accepts every back end of the core. When one is not available, the core reports the reason. */
export function backendOption(): Option {
  return new Option(
    '--backend <name>',
    'completion-port back end (default: the best one available; npx @frameport/iocp-core doctor lists them)',
  ).choices(backendChoices)
}

/** The options that both programs share. A server may listen on port 0, which takes a free one. */
export function addAddressOptions(
  command: Command,
  side: { readonly portMin: 0 | 1; readonly hostHelp: string },
) {
  return command
    .addOption(new Option('--host <host>', side.hostHelp).default(defaults.host).argParser(readHost))
    .addOption(
      new Option('--port <port>', 'port of the server')
        .default(defaults.port)
        .argParser((text) => readWhole(text, side.portMin, 65_535)),
    )
    .addOption(backendOption())
}

export function readWhole(text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}.`)
}

export function readHost(text: string): string {
  if (/^[\w.:%-]{1,255}$/.test(text)) return text
  throw new InvalidArgumentError('It must be an address or a host name, such as 127.0.0.1 or localhost.')
}

/** `tcp://127.0.0.1:5500`, with brackets around IPv6. */
export function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`
}
