import type { Client } from '@frameport/client'
import type { chat } from '../chat-contract.ts'
import type { Member } from '../member/member.ts'
import { pause } from '../pause.ts'

/** How long a person who leaves waits for a server that may not answer. */
const goodbyeMs = 1_000

/** Says goodbye, and closes the client. @returns whether the goodbye was sent, as far as is known */
export async function sayGoodbye(client: Client<typeof chat>, member: Member): Promise<boolean> {
  const { isAnswered } = member
  const said = member.quit().then(() => client.$close({ graceMs: isAnswered ? goodbyeMs : 0 }))
  if (!isAnswered) return false
  return await Promise.race([said.then(() => true), pause(goodbyeMs).then(() => false)])
}
