import * as z from 'zod'
import { limits } from './limits.ts'

/** Refines an input by a rule for text. A fault is a sentence, so a refused call explains itself. */
export function refinedBy(fault: (text: string) => string | undefined) {
  return (text: string, context: z.core.$RefinementCtx<string>) => {
    const sentence = fault(text)
    if (sentence !== undefined) context.addIssue({ code: 'custom', message: sentence })
  }
}

/*
 * Values from the server are bounded but follow no rules for text: a terminal neutralises everything that it prints,
 * and a rule that the server tightens later must not make old histories unreadable. One character takes up to two of
 * JavaScript's units.
 */
export const Name = z.string().max(2 * limits.nameCharactersMax)
export const Room = z.string().max(2 * limits.roomCharactersMax)

export const inRoom = { topic: z.object({ room: Room }) }
export const TooFast = z.object({ retryAfterMs: z.number().nonnegative() })
export const NotInRoom = z.object({})

/**
 * The servers of the chat cannot reach each other or their shared log. Nothing was changed, and the call can be
 * repeated.
 */
export const ServersApart = z.object({})
