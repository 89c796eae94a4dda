import { readFileSync } from 'node:fs'
import { clientChannels } from '@frameport/client'
import { portChannels } from '@frameport/iocp-core'
import { serverChannels } from '@frameport/server'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../../docs/diagnostics.md', import.meta.url), 'utf8')

test('the documentation lists every channel, and marks tracing channels', () => {
  const rows = [...page.matchAll(/^\| `(frameport\.[^`]+)`( \(tracing\))? \|/gm)]
  const listed = rows.map(([, name, tracing]) => `${name}${tracing ?? ''}`)
  const { call, callToClient, ...ofServer } = serverChannels
  const { call: made, callFromServer, ...ofClient } = clientChannels
  const { connect, ...ofPort } = portChannels
  const tracing = [call, callToClient, made, callFromServer, connect].map((name) => `${name} (tracing)`)
  const plain = [ofServer, ofClient, ofPort].flatMap((names) => Object.values(names))
  expect(listed.sort()).toEqual([...tracing, ...plain].sort())
})
