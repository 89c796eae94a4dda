import { homedir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { limits } from '../limits.ts'
import { type AddressOptions, addAddressOptions, readHost, readWhole } from '../options.ts'
import { firstUnsafeCharacter } from '../safe-text.ts'
import { natsAddressOf } from './nats-address.ts'

export interface ServerOptions extends AddressOptions {
  readonly membersMax: number
  /** The folder for the lines and the roster; `:memory:`: no folder. Absent: a folder for each address. */
  readonly data?: string
  /** The NATS server that connects the servers of one chat and keeps the data. */
  readonly nats?: string
  /** Threads that serve the port. Absent: the process serves it by itself. */
  readonly workers?: number
  /** The host at which the other servers of the chat reach this one. Default: `host`. */
  readonly peerHost?: string
  /** The port that they connect to. Default: any free port. Each further worker thread uses the next port. */
  readonly peerPort?: number
  /** The name of this server in the figures. Absent: its id. */
  readonly label?: string
  /** `false`: no page. */
  readonly page?: false
  /** The port of the page. Default: the port of the chat plus 80, or any free port if that is 0. */
  readonly pagePort?: number
}

const inMemory = ':memory:'

/** Reads `npm start -- …`. A bad option ends the process with a sentence and code 1. */
export function readServerOptions(argv: readonly string[]): ServerOptions {
  const command = new Command('npm start --')
    .description('Starts the chat server. Join it with `npm run chat -- --name NAME`.')
    .usage('[options]')
    .showHelpAfterError('All options: npm start -- --help')
  addAddressOptions(command, {
    portMin: 0,
    hostHelp: 'address to listen on; 0.0.0.0 accepts other machines',
  }).addOption(
    new Option('--members-max <count>', 'maximum number of people in one room')
      .default(limits.roomMembersMax)
      .argParser((text) => readWhole(text, 1, limits.roomMembersMax)),
  )
  command
    .addOption(
      new Option(
        '--data <folder>',
        'folder that keeps the lines across restarts; `:memory:` keeps nothing (default: a folder for this address in ~/.local/state/frameport-chat; :memory: with --port 0)',
      ).argParser(readFolder),
    )
    .addOption(
      new Option(
        '--nats <address>',
        'NATS server with JetStream (nats-server -js) that connects the servers of one chat and keeps the lines. With a password: nats://USER:PASSWORD@HOST:PORT',
      )
        .env('FRAMEPORT_CHAT_NATS')
        .conflicts('data')
        .argParser(readNats),
    )
    .addOption(
      new Option(
        '--workers <count>',
        'number of threads that share the port, to use several cores (default: one thread does everything)',
      ).argParser((text) => readWhole(text, 1, limits.workersMax)),
    )
    .addOption(
      new Option(
        '--peer-host <host>',
        'with --nats: address at which the other servers of the chat get files from this one (default: --host)',
      ).argParser(readHost),
    )
    .addOption(
      new Option(
        '--peer-port <port>',
        'with --nats: port that the other servers of the chat connect to for files; with --workers, the first of several consecutive ports (default: any free port)',
      ).argParser((text) => readWhole(text, 0, 65_535)),
    )
    .addOption(
      new Option(
        '--page-port <port>',
        'port of the web page (default: --port plus 80; any free port with --port 0)',
      ).argParser((text) => readWhole(text, 0, 65_535)),
    )
    .addOption(
      new Option(
        '--label <name>',
        'name of this server in /stats, for a chat with several servers',
      ).argParser(readLabel),
    )
    .option('--no-page', 'do not serve the web page: terminals only')
  // The property is absent unless `--no-page` was used.
  const { page, ...options } = command.parse(argv).opts<ServerOptions & { readonly page: boolean }>()
  const fault = faultOf(page, options)
  if (fault !== undefined) command.error(`error: ${fault}`)
  return page ? options : { ...options, page: false }
}

/**
 * Returns a fault if an option would have no effect together with the others. Ignoring it silently would confuse the
 * user.
 */
function faultOf(hasPage: boolean, options: ServerOptions): string | undefined {
  const { nats, peerHost, peerPort, pagePort, workers = 1 } = options
  if (nats === undefined && (peerHost !== undefined || peerPort !== undefined)) {
    const option = peerHost === undefined ? '--peer-port <port>' : '--peer-host <host>'
    return `option '${option}' needs option '--nats <address>'. Only servers that share a NATS server get files from each other.`
  }
  if (!hasPage && pagePort !== undefined)
    return "option '--page-port <port>' cannot be used with option '--no-page'"
  if (peerPort !== undefined && peerPort > 0 && peerPort + workers - 1 > 65_535)
    return `option '--peer-port <port>' leaves too few ports: ${workers} workers need the ports ${peerPort} to ${peerPort + workers - 1}.`
  return undefined
}

/** Reads a name that is safe to show to everybody. */
function readLabel(text: string): string {
  const label = text.trim()
  const { length } = [...label]
  if (length > 0 && length <= limits.serverLabelCharactersMax && firstUnsafeCharacter(label) === undefined)
    return label
  throw new InvalidArgumentError(
    `A label must have 1 to ${limits.serverLabelCharactersMax} printable characters.`,
  )
}

function readFolder(text: string): string {
  if (text.trim() !== '' && !text.includes('\0')) return text
  throw new InvalidArgumentError(`It must be the path of a folder, or ${inMemory}.`)
}

function readNats(text: string): string {
  if (natsAddressOf(text) !== undefined) return text
  throw new InvalidArgumentError(
    'It must be an address such as 127.0.0.1:4222, nats://USER:PASSWORD@HOST:4222, nats://TOKEN@HOST:4222 or tls://HOST:4222.',
  )
}

/** The port of the page. */
export function pagePortOf({ port, pagePort }: Pick<ServerOptions, 'port' | 'pagePort'>): number {
  return pagePort ?? (port === 0 ? 0 : Math.min(port + 80, 65_535))
}

/**
 * The folder for the lines; undefined: in memory only. Port 0 has no default folder, because the actual port is
 * different each time.
 */
export function dataFolder(
  { data, host, port }: Pick<ServerOptions, 'data' | 'host' | 'port'>,
  { XDG_STATE_HOME: stateHome }: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (data === inMemory) return undefined
  if (data !== undefined) return data
  if (port === 0) return undefined
  const folder = stateHome === undefined || stateHome === '' ? join(homedir(), '.local', 'state') : stateHome
  return join(folder, 'frameport-chat', `${host.replaceAll(/[^\w.-]/g, '_')}-${port}`)
}
