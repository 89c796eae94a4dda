// The faults that the fuzzer has to find: texts of sources that are replaced by others. Each text has to occur once, so
// that a fault whose place has changed fails to build instead of being no fault any more.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nativeFolder } from '../addon-variants.mjs'
import { buildPatched, patchText } from './build.mjs'

/** `backends`: those that have to show it. */
export const faults = {
  'phase left at fed': {
    backends: ['io_uring'],
    patches: [
      {
        file: 'backends/io_uring/port_completions.cc',
        search: `if (next == Next::over) return move(operation, in_kernel, OperationState::idle);`,
        replace: `if (next == Next::over) {
    return move(operation, in_kernel, state == OperationState::receiving ? state : OperationState::idle);
  }`,
      },
    ],
  },
  'entry twice in a list': {
    backends: ['io_uring'],
    patches: [
      {
        file: 'base/linked_list.h',
        search: `  void push(Item& item) {\n    check(item.link.list_ == nullptr,`,
        replace: `  void push(Item& item) {\n    check(true,`,
      },
      {
        file: 'base/linked_list.h',
        search: `    check(link.list_ == this, "what leaves a list is in it");\n`,
        replace: '',
      },
      {
        file: 'backends/io_uring/port_states.cc',
        search: `if (left != nullptr) left->remove(operation);`,
        replace: `if (left != nullptr && left != &to_end_) left->remove(operation);`,
      },
    ],
  },
  'slot reused early': {
    backends: ['io_uring', 'epoll'],
    patches: [
      {
        file: 'engine/engine_completions.cc',
        search: `connection.is_closing() && connection.operations == 0) finishing_.push(connection);`,
        replace: `connection.is_closing()) finishing_.push(connection);`,
      },
    ],
  },
  'short send taken as whole': {
    backends: ['io_uring', 'epoll'],
    patches: [
      {
        file: 'engine/engine_completions.cc',
        search: `connection.sending->queue.consume(completion.length);`,
        replace: `connection.sending->queue.consume(completion.length == 0 ? 0 : connection.queued());`,
      },
    ],
  },
  'cancel lost': {
    backends: ['io_uring'],
    patches: [
      {
        file: 'backends/io_uring/port.cc',
        search: `entry.address = reinterpret_cast<uint64_t>(&operation);`,
        replace: `entry.address = reinterpret_cast<uint64_t>(&operation) + 1;`,
      },
    ],
  },
  'cancel of a send lost': {
    backends: ['epoll'],
    patches: [
      {
        file: 'backends/epoll/port.cc',
        search: `if (operation.state<OperationState>() != OperationState::waiting) return;`,
        replace: `if (operation.state<OperationState>() != OperationState::waiting || operation.kind == OperationKind::send) return;`,
      },
    ],
  },
  'generation skipped': {
    backends: ['io_uring', 'epoll'],
    patches: [
      {
        file: 'engine/slots.h',
        search: `    record.generation = (record.generation + 1) & 0x7fffffff;\n`,
        replace: '',
      },
    ],
  },
  'buffer back before its completion': {
    backends: ['io_uring'],
    patches: [
      {
        file: 'backends/io_uring/buffer_ring.cc',
        search: `if (!incremental_ || (flags & kCompletionBufferMore) == 0) retire(index);`,
        replace: `if (!incremental_ || (flags & kCompletionBufferMore) == 0) retire(index), set_free(index);`,
      },
    ],
  },
  'buffer back with a reader left': {
    backends: ['epoll'],
    patches: [
      {
        file: 'backends/common/receive_pool.cc',
        search: `  if (--buffer.readers > 0) return;\n`,
        replace: `  if (--buffer.readers > 1) return;\n`,
      },
    ],
  },
  'wake lost': {
    backends: ['io_uring'],
    patches: [
      {
        file: 'backends/io_uring/port.cc',
        search: `ring_.set_audible(true);\n  asleep_ = true;`,
        replace: `asleep_ = true;`,
      },
    ],
  },
  'event loop not asked': {
    backends: ['epoll'],
    patches: [
      {
        file: 'backends/epoll/wait_source.cc',
        search: `if (watched_ < 0 || control(`,
        replace: `if (watched_ < 0 || interrupt_ >= 0 || control(`,
      },
    ],
  },
  'told and not taken': {
    backends: ['io_uring'],
    patches: [
      {
        file: 'backends/io_uring/wait_source.cc',
        search: `return was_counted && ring_.has_something();`,
        replace: `return was_counted && !ring_.is_due();`,
      },
    ],
  },
  'interest lost': {
    backends: ['epoll'],
    patches: [
      {
        file: 'backends/epoll/port.cc',
        search: `if ((wanted & ~socket.interest) == 0) return 0;`,
        replace: `if (socket.interest != 0) return 0;`,
      },
    ],
  },
  'last byte of a chunk dropped': {
    backends: ['io_uring', 'epoll'],
    patches: [
      {
        file: 'engine/send_queue.cc',
        search: `    if (chunk->begin < chunk->end) break;`,
        replace: `    if (chunk->begin + 1 < chunk->end) break;`,
      },
    ],
  },
  'hang-up not looked for': {
    backends: ['io_uring'],
    patches: [
      {
        file: 'backends/io_uring/port_completions.cc',
        search: `    if (++count == kLooksMax) count = look(count);\n  }\n  look(count);\n`,
        replace: `    if (++count == kLooksMax) count = look(count);\n  }\n`,
      },
    ],
  },
}

export async function buildFault(name) {
  const fault = faults[name]
  if (fault === undefined)
    throw new Error(`${name} is none of the seeded faults: ${Object.keys(faults).join(', ')}`)
  const texts = {}
  for (const patch of fault.patches) {
    texts[patch.file] ??= readFileSync(join(nativeFolder, patch.file), 'utf8')
    texts[patch.file] = patchText(texts[patch.file], patch, `${name} in ${patch.file}`)
  }
  return buildPatched(`fault-${name.replaceAll(' ', '-')}`, texts)
}
