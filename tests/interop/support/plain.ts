/**
 * Converts a value to the form of Python: byte arrays become hex with a name that ends with Hex, and absent members are
 * left out.
 */
export function plainFields(value: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || member === null) continue
    if (name === 'body') fields.body = plainBody(member as { encoding: string; bytes: Uint8Array })
    else if (name === 'extensions') {
      const pairs = member as readonly (readonly [number, Uint8Array])[]
      if (pairs.length > 0) fields.extensions = pairs.map(([id, bytes]) => [id, hexOf(bytes)])
    } else if (name === 'metadata') fields.metadata = { ...(member as object) }
    else if (member instanceof Uint8Array) fields[`${name}Hex`] = hexOf(member)
    else if (Array.isArray(member)) fields[name] = member.map(plainMember)
    else fields[name] = plainMember(member)
  }
  return fields
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

function plainBody({ encoding, bytes }: { encoding: string; bytes: Uint8Array }): object {
  return encoding === 'none' ? { encoding } : { encoding, hex: hexOf(bytes) }
}

function plainMember(member: unknown): unknown {
  return typeof member === 'object' && member !== null && !Array.isArray(member)
    ? plainFields(member)
    : member
}
