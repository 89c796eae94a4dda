const sentences: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) =>
    `There is no file ${path}. Relative paths start at the folder where the chat was started.`,
  EISDIR: (path) => `${path} is a folder, not a file.`,
  ENOSPC: (path) => `There is no space left for ${path}.`,
  EDQUOT: (path) => `There is no space left for ${path}: your quota is used up.`,
  EROFS: (path) => `${path} cannot be written: its file system is read-only.`,
  ENAMETOOLONG: (path) => `The path ${path} is too long.`,
  ELOOP: (path) => `The path ${path} contains a loop of symbolic links.`,
}

/** Turns an error of the file system into a sentence. */
export function fileFault(path: string, error: unknown, wish: 'read' | 'written'): string {
  const code = String((error as { readonly code?: unknown }).code)
  if (code === 'EACCES' || code === 'EPERM') return `${path} cannot be ${wish}: check its permissions.`
  // Creating a folder fails with EEXIST.
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return `${path} cannot be ${wish}: a part of its path is not a folder.`
  const sentence = Object.hasOwn(sentences, code) ? sentences[code] : undefined
  return (
    sentence?.(path) ?? `${path} cannot be ${wish}: ${error instanceof Error ? error.message : String(error)}`
  )
}
