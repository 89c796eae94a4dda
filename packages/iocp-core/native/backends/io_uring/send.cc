#include "operations.h"

#include <errno.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstddef>

#include "../../base/check.h"

namespace frameport::io_uring {

// No request exceeds a kernel's largest transfer.
constexpr uint32_t kLengthMax = 0x7ffff000;

static_assert(sizeof(SendPart) == sizeof(iovec) && offsetof(SendPart, bytes) == offsetof(iovec, iov_base) &&
                  offsetof(SendPart, length) == offsetof(iovec, iov_len),
              "the parts of an operation are what sendmsg(2) reads");

namespace {

void prepare_message(const Socket& socket, const SendPart* parts, uint32_t count, SubmissionEntry& entry,
                     msghdr& header) {
  check(count > 0 && count <= kSendPartsMax, "a send has 1 to kSendPartsMax parts");
  header = msghdr{};
  header.msg_iov = reinterpret_cast<iovec*>(const_cast<SendPart*>(parts));
  header.msg_iovlen = count;
  entry.opcode = kOpSendMessage;
  entry.descriptor = static_cast<int32_t>(socket.handle);
  entry.address = reinterpret_cast<uint64_t>(&header);
  entry.length = 1;
  // A peer that is gone causes an error number here, never a signal that ends the process.
  entry.operation_flags = MSG_NOSIGNAL;
}

}  // namespace

void prepare_send(const SendOperation& operation, SubmissionEntry& entry, msghdr& header) {
  prepare_message(*operation.socket, operation.parts, operation.part_count, entry, header);
  // The caller already knows that there is no room: the request waits for some first.
  entry.io_flags = kPollFirst;
}

EntryOutcome take_send(const CompletionEntry& entry, Completion& completion) {
  const int32_t status = entry.result < 0 ? -entry.result : 0;
  // The kernel has released the bytes, and they must be offered again.
  if (status == EAGAIN || status == EINTR || status == ENOBUFS) return {Next::submit_again, false};
  // Done now, or broken: the caller has record and bytes again.
  completion.status = status;
  completion.length = status == 0 ? static_cast<uint32_t>(entry.result) : 0;
  return {Next::over, true};
}

namespace {

// Operations are at even addresses: an odd value is the number of an attempt.
uint64_t name_of(size_t attempt) { return (static_cast<uint64_t>(attempt) << 1) | 1; }

void answer(SendAttempt& attempt, int32_t result) {
  // Done now: the kernel has copied these bytes, and the caller may reuse them. No room (EAGAIN, ENOBUFS):
  // nothing was taken, the caller keeps all bytes. Broken: the same, and no later attempt can succeed.
  attempt.length = result >= 0 ? static_cast<size_t>(result) : 0;
  const bool no_room = result == -EAGAIN || result == -ENOBUFS || result == -EINTR;
  attempt.status = result >= 0 || no_room ? 0 : -result;
}

// Reads the answers among the completions from `first` on, and removes them for other readers.
uint32_t take_answers(Ring& ring, uint32_t first, SendAttempt* attempts) {
  uint32_t taken = 0;
  const uint32_t ready = ring.ready();
  for (uint32_t index = first; index < ready; index++) {
    CompletionEntry& entry = ring.completion(index);
    if ((entry.user_data & 1) == 0) continue;
    answer(attempts[entry.user_data >> 1], entry.result);
    entry.user_data = kNobody;
    taken++;
  }
  return taken;
}

// Completes when the kernel has processed it, as `send_together` needs: with or without room.
void prepare_attempt(const SendAttempt& attempt, SubmissionEntry& entry, msghdr& header) {
  if (attempt.part_count == 1) {
    // Costs less than a message with one part.
    entry.opcode = kOpSend;
    entry.descriptor = static_cast<int32_t>(attempt.socket->handle);
    entry.address = reinterpret_cast<uint64_t>(attempt.parts[0].bytes);
    entry.length = static_cast<uint32_t>(std::min<size_t>(attempt.parts[0].length, kLengthMax));
    entry.operation_flags = MSG_NOSIGNAL;
  } else {
    prepare_message(*attempt.socket, attempt.parts, attempt.part_count, entry, header);
  }
  entry.operation_flags |= MSG_DONTWAIT;
}

// One call for as many attempts as there is room for. Returns 0 if there is no room.
size_t send_some(Ring& ring, msghdr* headers, SendAttempt* attempts, size_t count) {
  // Then only answers follow those entries, and each finds its place: no waiting is necessary.
  if (ring.queued() > 0 || ring.overflowed()) return 0;
  const size_t room = std::min(ring.room(), ring.completion_room());
  const auto offered = static_cast<uint32_t>(std::min(room, count));
  for (uint32_t index = 0; index < offered; index++) {
    SubmissionEntry& entry = *ring.next();
    prepare_attempt(attempts[index], entry, headers[ring.index_of(entry)]);
    entry.user_data = name_of(index);
  }
  const uint32_t first = ring.ready();
  const uint32_t taken = ring.enter(false);
  ring.withdraw(offered - taken);
  // The bytes are lent to this call: it does not return before the kernel has released all of them.
  for (uint32_t answered = take_answers(ring, first, attempts); answered < taken;) {
    ring.enter(true, ring.ready() + 1);
    answered += take_answers(ring, first, attempts);
  }
  if (first == 0 && ring.ready() == taken) ring.advance(taken);
  return taken;
}

}  // namespace

size_t send_together(Ring& ring, msghdr* headers, SendAttempt* attempts, size_t count) {
  size_t done = 0;
  // A single attempt costs less by send(2).
  while (count - done > 1) {
    const size_t sent = send_some(ring, headers, attempts + done, count - done);
    if (sent == 0) break;
    done += sent;
  }
  return done;
}

}  // namespace frameport::io_uring
