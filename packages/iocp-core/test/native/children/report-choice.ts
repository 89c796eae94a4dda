import { setImmediate as turn } from 'node:timers/promises'
import { type CompletionPort, createCompletionPort, IocpError, probe } from '../../../src/index.ts'

/** The results of a process that opens three ports without a name, and one with io_uring by name. */
export interface ReportedChoice {
  readonly taken: readonly string[]
  readonly echo: string
  readonly warnings: readonly { readonly code: unknown; readonly message: string; readonly detail: unknown }[]
  readonly byName: {
    readonly code: string
    readonly systemCode: string | undefined
    readonly message: string
  }
  readonly note: ReturnType<typeof probe>[number] | undefined
}

const warnings: ReportedChoice['warnings'][number][] = []
process.on('warning', (warning) => {
  const { code, message, detail } = warning as Error & { code?: unknown; detail?: unknown }
  warnings.push({ code, message, detail })
})

async function echoOver(port: CompletionPort): Promise<string> {
  const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
    connection.start({
      data: (chunk) => void connection.send(chunk),
      end: () => connection.end(),
      drain: () => undefined,
      close: () => undefined,
    })
  })
  const connection = await port.connect(listener.url)
  connection.send(Buffer.from('still here'))
  connection.end()
  let echo = ''
  for await (const chunk of connection) echo += Buffer.from(chunk).toString()
  return echo
}

function refusalByName(): ReportedChoice['byName'] {
  try {
    createCompletionPort({ backend: 'io_uring' })
  } catch (error) {
    if (IocpError.is(error)) {
      return { code: error.code, systemCode: error.systemCode, message: error.message }
    }
    throw error
  }
  return { code: 'none', systemCode: undefined, message: 'io_uring was opened' }
}

const taken: string[] = []
let echo = ''
for (let count = 0; count < 3; count++) {
  const port = createCompletionPort()
  taken.push(port.backend)
  if (count === 0) echo = await echoOver(port)
  await port.close()
}
const byName = refusalByName()
await turn()
const note = probe().find(({ backend }) => backend === 'io_uring')
const report: ReportedChoice = { taken, echo, warnings, byName, note }
process.stdout.write(`${JSON.stringify(report)}\n`)
