import { payloadBytesLargest } from '@frameport/framing'
import {
  type BackendChoice,
  type CompletionPort,
  createCompletionPort,
  IocpError,
} from '@frameport/iocp-core'
import { Command, InvalidArgumentError, Option } from 'commander'
import { backendOption } from '../options.ts'
import { checkEchoServer } from './echo/echo-client.ts'
import { echoFrames } from './echo/echo-server.ts'

interface CommonOptions {
  readonly maxFrame: number
  readonly backend?: BackendChoice
}

interface ServerOptions extends CommonOptions {
  readonly host: string
}

interface ClientOptions extends CommonOptions {
  readonly count: number
  readonly seed: number
  readonly timeout: number
  readonly verbose?: boolean
}

/** 64 MiB, the largest frame of the public peers. */
const frameBytesMax = 64 * 1024 * 1024

const log = (line: string) => process.stderr.write(`${line}\n`)
const say = (line: string) => process.stdout.write(`${line}\n`)

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}.`)
  }
}

function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value > 0 && value <= 86_400) return value
  throw new InvalidArgumentError('It must be a number of seconds, up to 86400.')
}

function openPort(backend: BackendChoice | undefined): CompletionPort {
  return createCompletionPort(backend === undefined ? {} : { backend })
}

/** Prints a failure of the system as a sentence. A programming error keeps its stack. */
function explain(error: unknown): void {
  if (!IocpError.is(error)) throw error
  log(`${error.code}: ${error.message}`)
  process.exitCode = 1
}

async function serve(portNumber: number, options: ServerOptions): Promise<void> {
  try {
    const port = openPort(options.backend)
    const listener = await port.listen(
      { kind: 'tcp', host: options.host, port: portNumber },
      (connection) => echoFrames(connection, { frameBytesMax: options.maxFrame, log }),
      { backlog: 1024, onAcceptError: (error) => log(`accept: ${error.message}`) },
    )
    const { endpoint } = listener
    say(`listening ${'port' in endpoint ? endpoint.port : portNumber} backend=${port.backend}`)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void port.close().then(() => process.exit(0)))
    }
  } catch (error) {
    explain(error)
  }
}

async function check(host: string, portNumber: number, options: ClientOptions): Promise<void> {
  try {
    const port = openPort(options.backend)
    const { passed, failed } = await checkEchoServer(port, {
      host,
      port: portNumber,
      count: options.count,
      seed: options.seed,
      frameBytesMax: options.maxFrame,
      timeoutMs: options.timeout * 1000,
      log,
      progress: options.verbose === true ? log : () => undefined,
    })
    say(`${passed} passed, ${failed} failed`)
    process.exitCode = failed === 0 && passed > 0 ? 0 : 1
    await port.close()
  } catch (error) {
    explain(error)
  }
}

/** The options that both sides share. */
function withCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--max-frame <bytes>', 'longest payload')
        .default(frameBytesMax)
        .argParser(wholeNumber(0, payloadBytesLargest.uint32be)),
    )
    .addOption(backendOption())
}

const program = new Command('echo').description(
  'Echo frames with a 4-byte big-endian length, or check a server that does',
)

withCommonOptions(program.command('server'))
  .description('echo every frame')
  .argument('<port>', 'TCP port, 0 for a free one', wholeNumber(0, 65_535))
  .option('--host <host>', 'address to listen on', '127.0.0.1')
  .action(serve)

withCommonOptions(program.command('client'))
  .description('check an echo server')
  .argument('<host>', 'name or address')
  .argument('<port>', 'TCP port', wholeNumber(1, 65_535))
  .option('--count <n>', 'frames of random length', wholeNumber(0, 10_000_000), 200)
  .option('--seed <n>', 'seed of the random frames', wholeNumber(0, 0xffff_ffff), 1)
  .option('--timeout <seconds>', 'time for the whole check', seconds, 120)
  .option('--verbose', 'print the progress')
  .action(check)

await program.parseAsync()
