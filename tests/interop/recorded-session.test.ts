import { readFileSync } from 'node:fs'
import { decodeEnvelope } from '@frameport/protocol/envelope'
import { expect, it } from 'vitest'
import { type RecordedSession, recordSession } from './support/record-session.ts'
import { recordedSession } from './support/recorded-session.ts'

const kindsOf = (payloads: readonly string[]) =>
  payloads.map((hex) => decodeEnvelope(Uint8Array.from(Buffer.from(hex, 'hex'))).kind)

it('a new recording has the same kinds in the same order, in each direction', async () => {
  const recorded = JSON.parse(readFileSync(recordedSession, 'utf8')) as RecordedSession
  const again = await recordSession()
  expect(kindsOf(again.clientToServer)).toEqual(kindsOf(recorded.clientToServer))
  expect(kindsOf(again.serverToClient)).toEqual(kindsOf(recorded.serverToClient))
})
