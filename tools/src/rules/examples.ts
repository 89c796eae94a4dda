import { posix } from 'node:path'
import { visit } from 'unist-util-visit'
import { parseMarkdown } from './markdown.ts'

const marker = /^<!-- example: (\S+) -->$/

export interface ShownExample {
  /** The example's file, from the root of the repository. */
  readonly file: string
  readonly shown: string
}

/** The fences of a Markdown file that a marker line links to an example file. */
export function shownExamples(file: string, text: string): ShownExample[] {
  const shown: ShownExample[] = []
  let pending: string | undefined
  visit(parseMarkdown(text), (node) => {
    if (node.type === 'html') pending = marker.exec(node.value.trim())?.[1]
    else if (node.type === 'code' && pending !== undefined) {
      shown.push({ file: posix.join(posix.dirname(file), pending), shown: node.value })
      pending = undefined
    }
  })
  return shown
}

/** TypeScript in fences without a marker: examples that are never executed. */
export function unexecutedFences(file: string, text: string): string[] {
  const found: string[] = []
  let marked = false
  visit(parseMarkdown(text), (node) => {
    if (node.type === 'html') marked = marker.test(node.value.trim())
    else if (node.type === 'code') {
      if (!marked && /^(ts|typescript|js|javascript)$/.test(node.lang ?? '')) {
        found.push(
          `${file}:${node.position?.start.line ?? 0}: this code is not executed: tie it to an example file`,
        )
      }
      marked = false
    }
  })
  return found
}

/** The lines that an example promises to print: those after `//> `, in order. */
export function expectedOutput(example: string): string[] {
  return [...example.matchAll(/\/\/> ?(.*)$/gm)].map((match) => match[1] ?? '')
}
