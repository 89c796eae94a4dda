import { Command, Option } from 'commander'
import { limits } from '../limits.ts'
import { type AddressOptions, addAddressOptions, defaults, readWhole } from '../options.ts'

export interface ChatOptions extends AddressOptions {
  readonly name: string
  readonly room: string
  readonly script?: string
  /** The folder for files that are taken; from where the chat was started when it is relative. */
  readonly saveTo: string
  /** How long to try to connect again, in seconds. 0: the chat ends with its connection. */
  readonly reconnectFor: number
}

/** Reads `npm run chat -- …`. A bad option ends the process with a sentence and code 1. */
export function readChatOptions(argv: readonly string[]): ChatOptions {
  const command = new Command('npm run chat --')
    .description('Joins the chat from this terminal, or executes the lines of a script.')
    .usage('--name guest [options]')
    .showHelpAfterError('For example: npm run chat -- --name guest. All options: npm run chat -- --help')
    .requiredOption('--name <name>', 'what the others call you')
    .option('--room <room>', 'room to begin in', defaults.room)
    .option('--script <file>', 'execute the lines of this file, print the transcript, leave')
    .option('--save-to <folder>', 'where files that you take are saved', '.')
    .addOption(
      new Option('--reconnect-for <seconds>', 'how long to try again when the server is lost; 0: not at all')
        .default(limits.reconnectSeconds)
        .argParser((text) => readWhole(text, 0, limits.reconnectSecondsMax)),
    )
  addAddressOptions(command, { portMin: 1, hostHelp: 'address or name of the server' })
  return command.parse(argv).opts<ChatOptions>()
}
