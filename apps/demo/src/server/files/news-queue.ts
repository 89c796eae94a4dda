import type { OfferNews } from '../../file-contract.ts'
import { limits } from '../../limits.ts'

/** News that the sender of an offer has not read yet, oldest first. */
export class NewsQueue {
  readonly #news: OfferNews[] = []
  #isClosed = false
  #wake: (() => void) | undefined

  /** Returns false if the queue is full, because the sender has stopped reading. */
  add(news: OfferNews): boolean {
    if (this.#isClosed) return true
    if (this.#news.length === limits.offerNewsMax) return false
    this.#news.push(news)
    this.#wake?.()
    return true
  }

  /** Accepts no more news. Queued news can still be read. */
  close(): void {
    this.#isClosed = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OfferNews, void, undefined> {
    for (;;) {
      const news = this.#news.shift()
      if (news !== undefined) yield news
      else if (this.#isClosed) return
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }
}
