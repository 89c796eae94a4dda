import { bytes, contract, procedure } from '@frameport/protocol'
import { z } from 'zod'

/** A name in one folder: without separators, so that no path leads out of it. */
export const FileName = z
  .string()
  .max(255)
  .regex(/^[\w-][\w.-]*$/, 'letters, digits, _ - and dots, and no dot at the beginning')

/** Changes when the file does. The client makes the name of a file of it, so a hostile server may not put a path there. */
const Version = z.string().regex(/^[\w.-]{1,128}$/)

export const FileFacts = z.object({
  name: FileName,
  bytes: z.number().int().nonnegative(),
  /** A download that goes on later asks for the same one. */
  version: Version,
  /** Of the whole file, in hexadecimal. */
  sha256: z.string().length(64),
})
export type FileFacts = z.output<typeof FileFacts>

export const files = contract('files', {
  version: 1,
  procedures: {
    describe: procedure({
      input: z.object({ name: FileName }),
      output: FileFacts,
      errors: { NO_SUCH_FILE: z.object({ name: FileName }) },
    }),
    /** The bytes of a version of the file from the offset `from` on, in pieces of any length. */
    read: procedure({
      input: z.object({ name: FileName, version: Version, from: z.number().int().nonnegative() }),
      items: bytes(),
      errors: { NO_SUCH_FILE: z.object({ name: FileName }), CHANGED: z.object({ version: Version }) },
    }),
  },
})
