const leafOfTable = 13
/** The kind of page, the free blocks, the number of cells, the offset of the cells, and the fragments. */
const headerBytes = 8

/**
 * The offsets of the rows of a table's leaf: https://www.sqlite.org/fileformat.html#b_tree_pages
 *
 * @param begin the offset in the page: 100 in the first one, which has the header of the file before it
 * @returns an empty result for a page of another kind
 */
export function* cellsOfLeaf(page: Buffer, begin: number): Generator<number> {
  if (page.readUInt8(begin) !== leafOfTable) return
  const cells = page.readUInt16BE(begin + 3)
  for (let index = 0; index < cells; index++) {
    const at = begin + headerBytes + index * 2
    if (at + 2 > page.length) return
    yield page.readUInt16BE(at)
  }
}
