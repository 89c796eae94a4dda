import { describe, expect, test } from 'vitest'
import type { NativeAddon, NativeProbeStep } from '../../src/native/addon-types.ts'
import { examine } from '../../src/native/native-driver-factory.ts'
import { plainFacts } from '../diagnosis/facts.ts'

/** An addon whose probe gives these steps. */
function answering(...steps: readonly NativeProbeStep[]) {
  const addon = {
    backends: ['io_uring', 'epoll'],
    probe: () => steps,
    NativePort: class {},
  } as unknown as NativeAddon
  return { addon, file: '/clone/frameport.node' }
}

const filtered = () => ({ ...plainFacts, seccompMode: 2 })

describe('the note of a back end', () => {
  test('is available if every required step works, even if an optional one fails', () => {
    const loaded = answering(['io_uring_setup', 0, true], ['IOU_PBUF_RING_INC', 22, false])
    expect(examine('io_uring', loaded)).toEqual({
      backend: 'io_uring',
      available: true,
      steps: [
        { step: 'io_uring_setup', required: true, ok: true },
        { step: 'IOU_PBUF_RING_INC', required: false, ok: false, systemCode: 'EINVAL' },
      ],
    })
  })

  test('has the diagnosis of the first required step that fails', () => {
    const loaded = answering(['less', 22, false], ['io_uring_setup', 1, true], ['next', 38, true])
    expect(examine('io_uring', loaded, filtered)).toMatchObject({
      available: false,
      cause: 'seccomp',
      systemCode: 'EPERM',
      reason: expect.stringContaining('io_uring_setup is refused (EPERM)'),
      steps: [{ ok: false }, { ok: false }, { ok: false, systemCode: 'ENOSYS' }],
    })
  })

  test('says that the addon is outdated if it lacks the back end', () => {
    const { addon, file } = answering()
    const loaded = { addon: { ...addon, backends: ['epoll'] }, file }
    expect(examine('io_uring', loaded)).toMatchObject({
      available: false,
      cause: 'addon_outdated',
      reason: expect.stringContaining('has only epoll'),
      steps: [],
    })
  })

  test('has the reason why there is no addon', () => {
    const refusal = { cause: 'no_addon', reason: 'there is none', fix: 'Build it.' } as const
    expect(examine('epoll', { refusal })).toEqual({
      backend: 'epoll',
      available: false,
      steps: [],
      ...refusal,
    })
  })
})
