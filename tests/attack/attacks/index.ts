import type { Attack, ClientAttack, ServerAttack } from '../support/attack.ts'
import { answerAttacks } from './on-client/answers.ts'
import { eventAttacks } from './on-client/events.ts'
import { frameAttacks } from './on-client/frames.ts'
import { handshakeAttacks } from './on-client/handshake.ts'
import { itemAttacks } from './on-client/items.ts'
import { clientLinkAttacks } from './on-client/link.ts'
import { clientUploadAttacks } from './on-client/uploads.ts'
import { callAttacks } from './on-server/calls.ts'
import { linkAttacks } from './on-server/link.ts'
import { memoryAttacks } from './on-server/memory.ts'
import { onewayAttacks } from './on-server/oneways.ts'
import { uploadAttacks } from './on-server/uploads.ts'

export const serverAttacks: readonly ServerAttack[] = [
  ...callAttacks,
  ...linkAttacks,
  ...memoryAttacks,
  ...uploadAttacks,
  ...onewayAttacks,
]

export const clientAttacks: readonly ClientAttack[] = [
  ...handshakeAttacks,
  ...answerAttacks,
  ...itemAttacks,
  ...eventAttacks,
  ...clientUploadAttacks,
  ...clientLinkAttacks,
  ...frameAttacks,
]

export const attacks: readonly Attack[] = [...serverAttacks, ...clientAttacks]
