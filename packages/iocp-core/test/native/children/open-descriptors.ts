import { readdirSync, readlinkSync } from 'node:fs'

/**
 * How many descriptors of this process are sockets, pipes, rings, sets or counters of events: all that a port takes. Files and
 * folders are left out: the loader of TypeScript looks through its cache while a program begins.
 */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').filter(isOfKernelObject).length
}

function isOfKernelObject(descriptor: string): boolean {
  try {
    return /^(socket|pipe|anon_inode):/.test(readlinkSync(`/proc/self/fd/${descriptor}`))
  } catch {
    // That of the listing itself is gone.
    return false
  }
}
