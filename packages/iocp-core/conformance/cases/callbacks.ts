import assert from 'node:assert/strict'
import type { ConformanceCase } from '../conformance-case.ts'
import { pattern, text } from '../support/bytes.ts'
import { assertCode, collectUncaught } from '../support/errors.ts'
import { eventually } from '../support/eventually.ts'
import { pair } from '../support/pair.ts'
import { Recorder } from '../support/recorder.ts'

export const callbackCases: readonly ConformanceCase[] = [
  {
    name: 'an error that a callback throws aborts its connection, reaches uncaughtException, and affects no other connection',
    async run(context) {
      const { openPort, signal, cleanUp } = context
      const uncaught = collectUncaught(cleanUp)
      const port = openPort()
      const bystander = await pair(port)
      const atBystander = new Recorder({ data: (chunk) => void bystander.server.send(chunk) })
      bystander.server.start(atBystander)
      const echo = new Recorder()
      bystander.client.start(echo)
      let expected = 0
      for (const where of ['data', 'end', 'drain'] as const) {
        const { client, server } = await pair(port)
        const thrown = new Error(`from ${where}`)
        const atServer = new Recorder({
          [where]() {
            throw thrown
          },
        })
        server.start(atServer)
        client.start(new Recorder({}, false))
        bystander.client.send(text('tick'))
        expected += 4
        if (where === 'data') client.send(text('bytes'))
        if (where === 'end') client.end()
        if (where === 'drain') server.send(pattern(8 * 1024 * 1024))
        const error = assertCode(await atServer.untilClose(signal), 'CALLBACK_THREW')
        assert.equal(error.cause, thrown)
        await eventually(
          signal,
          () => uncaught.includes(thrown),
          () => `${where} reaches uncaughtException`,
        )
        client.abort()
      }
      await echo.untilBytes(signal, expected)
      assert.equal(uncaught.length, 3)
      bystander.client.abort()
      bystander.server.abort()
    },
  },
  {
    name: 'a close callback that throws reaches uncaughtException and leaves nothing behind',
    async run({ openPort, signal, cleanUp }) {
      const uncaught = collectUncaught(cleanUp)
      const port = openPort()
      const { client, server } = await pair(port)
      const thrown = new Error('from close')
      const atClient = new Recorder({
        close() {
          throw thrown
        },
      })
      client.start(atClient)
      client.abort()
      server.abort()
      await atClient.untilClose(signal)
      await eventually(
        signal,
        () => uncaught.length === 1,
        () => 'uncaughtException',
      )
      assert.deepEqual(uncaught, [thrown])
    },
  },
]
