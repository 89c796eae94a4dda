import { exit } from '../hang-up.ts'
import { readChatOptions } from './options.ts'
import { runChat } from './run-chat.ts'

const { stdin: input, stdout: output, stderr: errors } = process

const exitCode = await runChat(readChatOptions(process.argv), { input, output, errors })
// Writes to a pipe may be pending, and an open pipe would keep the process alive.
output.write('', () => exit(exitCode))
