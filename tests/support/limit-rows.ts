import { readFileSync } from 'node:fs'

/** The rows of tables in a Markdown file whose first column names this limit. */
export function limitRows(file: URL, limit: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|') && line.split('|')[1]?.includes(`\`${limit}\``))
}
