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
    .description('The chat server: people join it with `npm run chat -- --name NAME`.')
    .usage('[options]')
    .showHelpAfterError('All options: npm start -- --help')
  addAddressOptions(command, {
    portMin: 0,
    hostHelp: 'address to listen on; 0.0.0.0 lets other machines in',
  }).addOption(
    new Option('--members-max <count>', 'people in one room at once')
      .default(limits.roomMembersMax)
      .argParser((text) => readWhole(text, 1, limits.roomMembersMax)),
  )
  command
    .addOption(
      new Option(
        '--data <folder>',
        'where lines are kept for the next start; `:memory:`: nowhere, a restart forgets everything (default: a folder for this address in ~/.local/state/frameport-chat; :memory: with --port 0)',
      ).argParser(readFolder),
    )
    .addOption(
      new Option(
        '--nats <address>',
        'a NATS server with JetStream (nats-server -js), where servers of one chat meet; it keeps the lines. With a password: nats://USER:PASSWORD@HOST:PORT',
      )
        .env('FRAMEPORT_CHAT_NATS')
        .conflicts('data')
        .argParser(readNats),
    )
    .addOption(
      new Option(
        '--workers <count>',
        'threads that share the port, for more than one core (default: none, one thread does everything)',
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
        'with --nats: port that the other servers of the chat connect to for files; with --workers the first of several in a row (default: any free one)',
      ).argParser((text) => readWhole(text, 0, 65_535)),
    )
    .addOption(
      new Option(
        '--page-port <port>',
        'where the chat is a web page (default: 80 behind --port, 5580)',
      ).argParser((text) => readWhole(text, 0, 65_535)),
    )
    .addOption(
      new Option(
        '--label <name>',
        'what this server is called in /stats, where a chat has several',
      ).argParser(readLabel),
    )
    .option('--no-page', 'no web page: terminals only')
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
    return `option '--peer-port <port>' leaves no port for ${workers} workers, which take one each: ${peerPort} to ${peerPort + workers - 1}.`
  return undefined
}

/** A name that everybody may be shown. */
function readLabel(text: string): string {
  const label = text.trim()
  const { length } = [...label]
  if (length > 0 && length <= limits.serverLabelCharactersMax && firstUnsafeCharacter(label) === undefined)
    return label
  throw new InvalidArgumentError(
    `A label has 1 to ${limits.serverLabelCharactersMax} characters, which can be printed.`,
  )
}

function readFolder(text: string): string {
  if (text.trim() !== '' && !text.includes('\0')) return text
  throw new InvalidArgumentError(`It is the path of a folder, or ${inMemory}.`)
}

function readNats(text: string): string {
  if (natsAddressOf(text) !== undefined) return text
  throw new InvalidArgumentError(
    'It is an address such as 127.0.0.1:4222, nats://USER:PASSWORD@HOST:4222, nats://TOKEN@HOST:4222 or tls://HOST:4222.',
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
