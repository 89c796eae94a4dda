import { createServer, type ServerOptions } from '@frameport/server'
import { expect } from 'vitest'
import { createLab, type LabContext } from './lab-handlers.ts'

export const days30 = 30 * 24 * 3600 * 1000

/** A server of the lab with these options, also wrong ones. */
export const make = (options: object) =>
  createServer<LabContext>(createLab().implementation, {
    context: () => ({ user: 'guest' }),
    ...(options as Omit<ServerOptions<LabContext>, 'context'>),
  })

export const refusal = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) })
