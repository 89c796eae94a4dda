import { attacksOnClients } from '../../support/attack.ts'
import { greetAndAwaitCalls, type Onslaught } from '../../support/on-client/evil-server.ts'
import { many } from '../../support/on-client/replies.ts'
import { pour } from '../../support/pour.ts'
import { frame } from '../../support/raw-connection.ts'

const uploads = 16

/** Sends one frame for each open upload repeatedly, as fast as the client accepts them. */
async function pourForUploads(onslaught: Onslaught, frameOf: (callId: number) => Buffer): Promise<void> {
  const ids = await greetAndAwaitCalls(onslaught, uploads)
  const bytes = Buffer.concat(ids.map((callId) => many(frameOf(callId), 8)))
  await pour(onslaught.connection, onslaught, () => ({ bytes, deeds: 8 * ids.length }))
}

export const clientUploadAttacks = attacksOnClients('uploads', [
  {
    name: 'stop-floods',
    about: 'stops each upload repeatedly, and never answers it',
    connections: 4,
    deedsPerSecondMin: 1_000,
    work: { uploads },
    serve: (onslaught) => pourForUploads(onslaught, (callId) => frame({ kind: 'stop', callId })),
  },
  {
    name: 'upload-credit-floods',
    about: 'grants each upload one item, repeatedly, and never answers it',
    connections: 4,
    deedsPerSecondMin: 1_000,
    work: { uploads },
    serve: (onslaught) =>
      pourForUploads(onslaught, (callId) => frame({ kind: 'credit', callId, items: 1, bytes: 100 })),
  },
])
