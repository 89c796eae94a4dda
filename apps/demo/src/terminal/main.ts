import { readChatOptions } from './options.ts'
import { runChat } from './run-chat.ts'

const { stdin: input, stdout: output, stderr: errors } = process

const exitCode = await runChat(readChatOptions(process.argv), { input, output, errors })
// What was written to a pipe may still be on its way, and a pipe that is still open would keep the process.
output.write('', () => process.exit(exitCode))
