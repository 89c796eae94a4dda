import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type BackendName, createCompletionPort, IocpError } from '../../../src/index.ts'

/*
 * Runs a listener whose accepts the system always refuses, while a client waits: refused-accepts.ts BACKEND
 * Prints the reported errors of a period that is long enough for several retries after a pause.
 */
const whileMs = 550
const port = createCompletionPort({ backend: process.argv[2] as BackendName })
const codes: string[] = []
const onAcceptError = (error: Error) => void codes.push(IocpError.is(error) ? error.code : String(error))
const listener = await port.listen('tcp://127.0.0.1:0', () => undefined, { onAcceptError })
const client = connect(Number(new URL(listener.url).port), '127.0.0.1').on('error', () => undefined)
await once(client, 'connect')
await delay(whileMs)
client.destroy()
await port.close()
process.stdout.write(`${JSON.stringify({ told: codes.length, codes: [...new Set(codes)] })}\n`)
