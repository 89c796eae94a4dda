import type { Attack } from '../support/attack.ts'
import { callAttacks } from './calls.ts'
import { linkAttacks } from './link.ts'
import { memoryAttacks } from './memory.ts'

/** All attacks on a server. */
export const attacks: readonly Attack[] = [...callAttacks, ...linkAttacks, ...memoryAttacks]
