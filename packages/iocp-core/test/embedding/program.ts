import { createCompletionPort, IocpError, probe } from '../../src/index.ts'

/** The report of a bundled or restricted program about the completion port: one line of JSON. */
export interface Report {
  readonly backend: string
  readonly echoed: number
  /** The result of asking for `epoll` by name. */
  readonly epoll: string
  readonly cause: string | undefined
  readonly reason: string | undefined
  readonly fix: string | undefined
}

async function echo(): Promise<{ readonly backend: string; readonly echoed: number }> {
  const port = createCompletionPort()
  const listener = await port.listen('tcp://127.0.0.1:0', (accepted) =>
    accepted.start({
      data: (chunk) => void accepted.send(chunk),
      end: () => accepted.end(),
      drain() {},
      close() {},
    }),
  )
  const connection = await port.connect(listener.url)
  connection.send(new Uint8Array([1, 2, 3]))
  let echoed = 0
  for await (const chunk of connection) {
    echoed += chunk.length
    if (echoed === 3) break
  }
  await port.close()
  return { backend: port.backend, echoed }
}

async function askForEpoll(): Promise<string> {
  try {
    await createCompletionPort({ backend: 'epoll' }).close()
    return 'opened'
  } catch (error) {
    return IocpError.is(error) ? error.code : String(error)
  }
}

async function main(): Promise<void> {
  const epoll = await askForEpoll()
  const { cause, reason, fix } = probe().find(({ backend }) => backend === 'epoll') ?? {}
  const report: Report = { ...(await echo()), epoll, cause, reason, fix }
  process.stdout.write(`${JSON.stringify(report)}\n`)
}

void main()
