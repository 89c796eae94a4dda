import { Command, Option } from 'commander'
import { limits } from '../limits.ts'
import { type AddressOptions, addAddressOptions, readWhole } from '../options.ts'

export interface ServerOptions extends AddressOptions {
  readonly membersMax: number
}

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
  return command.parse(argv).opts<ServerOptions>()
}
