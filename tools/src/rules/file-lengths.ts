/** A longer file probably contains more than one idea. It is listed, not rejected: the reader decides. */
const fileLinesMax = 300

const source = /\.(ts|mjs|cc|h)$/

export function longFiles(files: readonly string[], read: (file: string) => string): string[] {
  return files
    .filter((file) => source.test(file))
    .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
    .filter(({ lines }) => lines > fileLinesMax)
    .sort((a, b) => b.lines - a.lines)
    .map(({ file, lines }) => `${file}: ${lines} lines`)
}
