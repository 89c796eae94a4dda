import { homedir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { limits } from '../limits.ts'
import { type AddressOptions, addAddressOptions, readHost, readWhole } from '../options.ts'
import { firstUnsafeCharacter } from '../safe-text.ts'
import { natsAddressOf } from './nats-address.ts'

export interface ServerOptions extends AddressOptions {
  readonly membersMax: number
  /** The folder for the lines, and for who is there; `:memory:`: none. Absent: a folder for each address. */
  readonly data?: string
  /** A NATS server, at which the servers of one chat meet, and which keeps everything. */
  readonly nats?: string
  /** Threads that serve the port. Absent: the process serves it by itself. */
  readonly workers?: number
  /** Where the other servers of the chat reach this one. Default: `host`. */
  readonly peerHost?: string
  /** The port that they connect to. Default: any free one. Each further worker thread takes the next one. */
  readonly peerPort?: number
  /** What this server is called in the figures, beside its id. */
  readonly label?: string
  /** `false`: no page. */
  readonly page?: false
  /** Where the page is. Default: 80 behind the port of the chat; any one where that is any one. */
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
    new Option('--members-max <count>', 'most people in one room')
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
        'port of the web page (default: --port plus 80, which is 5580)',
      ).argParser((text) => readWhole(text, 0, 65_535)),
    )
    .addOption(
      new Option(
        '--label <name>',
        'name of this server in /stats, for a chat with several servers',
      ).argParser(readLabel),
    )
    .option('--no-page', 'do not serve the web page: terminals only')
  // Said or not, a page is what it is without the option.
  const { page, ...options } = command.parse(argv).opts<ServerOptions & { readonly page: boolean }>()
  const fault = faultOf(page, options)
  if (fault !== undefined) command.error(`error: ${fault}`)
  return page ? options : { ...options, page: false }
}

/** Options that would have no effect beside the others. Nobody finds out why if they are ignored. */
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

/** A name that everybody may be shown. */
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

/** Where the page is. */
export function pagePortOf({ port, pagePort }: Pick<ServerOptions, 'port' | 'pagePort'>): number {
  return pagePort ?? (port === 0 ? 0 : Math.min(port + 80, 65_535))
}

/** Where the lines are kept; undefined: in memory only. A port that is a new one each time has no folder of its own. */
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
