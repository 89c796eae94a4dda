import { Command, InvalidArgumentError, Option } from 'commander'
import { limits } from '../limits.ts'
import { type AddressOptions, addAddressOptions, defaults, readHost, readWhole, urlOf } from '../options.ts'

export interface ChatOptions extends AddressOptions {
  readonly name: string
  readonly room: string
  readonly script?: string
  /** The folder for files that are taken. A relative path starts at the folder where the chat was started. */
  readonly saveTo: string
  /** The URLs of further servers of the same chat, which the client uses when the first one is gone. */
  readonly also?: readonly string[]
  /** How long to try to reconnect, in seconds. 0: the chat ends with its connection. */
  readonly reconnectFor: number
}

/** Reads `npm run chat -- …`. A bad option ends the process with a sentence and code 1. */
export function readChatOptions(argv: readonly string[]): ChatOptions {
  const command = new Command('npm run chat --')
    .description('Joins the chat from this terminal, or executes the lines of a script.')
    .usage('--name guest [options]')
    .showHelpAfterError('For example: npm run chat -- --name guest. All options: npm run chat -- --help')
    .requiredOption('--name <name>', 'your name in the chat')
    .option('--room <room>', 'first room to join', defaults.room)
    .option('--script <file>', 'execute the lines of this file, print the transcript and exit')
    .option('--save-to <folder>', 'folder for files that you take', '.')
    .addOption(
      new Option(
        '--reconnect-for <seconds>',
        'how long to try to reconnect; 0 ends the chat with its connection',
      )
        .default(limits.reconnectSeconds)
        .argParser((text) => readWhole(text, 0, limits.reconnectSecondsMax)),
    )
  addAddressOptions(command, { portMin: 1, hostHelp: 'address or name of the server' })
  command.addOption(
    new Option(
      '--also <host:port...>',
      'further servers of the same chat, which the chat uses when the first one is gone',
    ).argParser(readAlso),
  )
  return command.parse(argv).opts<ChatOptions>()
}

/** Adds one server to the previous ones. */
function readAlso(text: string, before: readonly string[] = []): readonly string[] {
  const at = text.lastIndexOf(':')
  if (at < 1) throw new InvalidArgumentError('It must be HOST:PORT, such as 192.0.2.7:5500.')
  const host = readHost(text.slice(0, at).replace(/^\[(.*)\]$/, '$1'))
  if (before.length === limits.serversMax - 1)
    throw new InvalidArgumentError(`A chat has at most ${limits.serversMax} servers.`)
  return [...before, urlOf({ host, port: readWhole(text.slice(at + 1), 1, 65_535) })]
}
