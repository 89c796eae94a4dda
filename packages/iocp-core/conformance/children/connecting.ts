import assert from 'node:assert/strict'
import { IocpError } from '../../src/index.ts'
import { openNamedPort, say } from './open-named-port.ts'

/* connecting.ts BACKEND ENDPOINT: the endpoint never answers. Each timer here is unreferenced. */
const port = openNamedPort()
const silent = process.argv[3]!
const connect = (timeoutMs?: number) =>
  port.connect(silent, timeoutMs === undefined ? {} : { timeoutMs }).catch((error: unknown) => error)

port.unref()
const early = connect(300)
port.ref()
// Only the port holds the process until here.
const error = await early
assert.ok(IocpError.is(error) && error.code === 'CONNECT_TIMEOUT', String(error))
say('alive by its connect')
void connect()
port.unref()
void connect()
// Nothing but connects of an unreferenced port is left: the process ends by itself, or this one ends it.
setTimeout(() => process.exit(3), 5_000).unref()
say('unreferenced')
