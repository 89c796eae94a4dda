import { readdirSync, readlinkSync } from 'node:fs'

/**
 * How many descriptors of this process are sockets, pipes, or anonymous inodes such as rings, epoll sets and eventfds:
 * all that a port uses. Files and folders do not count: the TypeScript loader reads its cache while a program starts.
 */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').filter(isOfKernelObject).length
}

function isOfKernelObject(descriptor: string): boolean {
  try {
    return /^(socket|pipe|anon_inode):/.test(readlinkSync(`/proc/self/fd/${descriptor}`))
  } catch {
    // The descriptor of the listing itself is closed.
    return false
  }
}
