/** The packages that hold an addon, by the system and processor they are made for. On Linux they need glibc. */
export const prebuiltPackages: Readonly<Record<string, string>> = {
  'linux-x64': '@frameport/iocp-core-linux-x64-gnu',
  'linux-arm64': '@frameport/iocp-core-linux-arm64-gnu',
  'win32-x64': '@frameport/iocp-core-win32-x64',
}

/** The name of the package with the addon of a system; undefined if none is made for it. */
export function prebuiltPackage(platform: NodeJS.Platform, arch: string): string | undefined {
  return prebuiltPackages[`${platform}-${arch}`]
}
