// The requests of the fake io_uring, from submission to the last completion.
#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>

#include "failure.h"
#include "kernel.h"
#include "ring.h"
#include "thrift.h"

namespace frameport::fuzz {

namespace {

// How often one multishot receive may complete before other requests run.
constexpr int kRepeatsMax = 32;
constexpr size_t kPartsMax = 16;

bool is_input(uint8_t opcode) { return opcode == IORING_OP_ACCEPT || opcode == IORING_OP_RECV; }

}  // namespace

void RingKernel::check_entry(const io_uring_sqe& entry) const {
  const char* wrong = nullptr;
  switch (entry.opcode) {
    case IORING_OP_ACCEPT:
      if (entry.addr != 0 || entry.addr2 != 0) wrong = "an accept names an address";
      if (entry.accept_flags != (SOCK_NONBLOCK | SOCK_CLOEXEC)) wrong = "an accept makes sockets that block";
      break;
    case IORING_OP_RECV:
      if ((entry.flags & IOSQE_BUFFER_SELECT) == 0 || entry.buf_group != 0) wrong = "a receive chooses no buffer";
      if (buffers_ == nullptr) wrong = "a receive is submitted without registered buffers";
      if (entry.addr != 0) wrong = "a receive names memory of its own";
      break;
    case IORING_OP_SENDMSG:
      if (entry.len != 1) wrong = "a send does not have the length 1";
      break;
    case IORING_OP_SEND:
      if (entry.len == 0) wrong = "a send without bytes";
      break;
    case IORING_OP_CONNECT:
      if (entry.addr2 == 0) wrong = "a connect without an address";
      break;
    default:
      wrong = "an unknown opcode";
  }
  const bool sends = entry.opcode == IORING_OP_SENDMSG || entry.opcode == IORING_OP_SEND;
  if (sends && (entry.msg_flags & MSG_NOSIGNAL) == 0) wrong = "a send may end the process with a signal";
  if (entry.user_data == 0) wrong = "an entry without a name";
  if (by_name_.count(entry.user_data) != 0) wrong = "an entry has the name of a request that is in the kernel (rule 1)";
  if (wrong != nullptr) fail("a submission is not well formed: %s", wrong);
}

void RingKernel::issue(const io_uring_sqe& entry) {
  if (entry.opcode == IORING_OP_ASYNC_CANCEL) return cancel(entry);
  check_entry(entry);
  auto made = std::make_unique<Request>();
  Request& request = *made;
  request.name = entry.user_data;
  request.opcode = entry.opcode;
  request.flags = entry.ioprio;
  request.stream = &kernel_.stream(entry.fd);
  request.selects_buffer = (entry.flags & IOSQE_BUFFER_SELECT) != 0;
  request.is_input = is_input(entry.opcode);
  if (entry.opcode == IORING_OP_SEND) {
    request.parts.push_back({reinterpret_cast<void*>(entry.addr), entry.len});
  } else if (entry.opcode == IORING_OP_SENDMSG) {
    // IORING_FEAT_SUBMIT_STABLE: the kernel reads header and vector now, and the bytes when there is room.
    const auto& header = *reinterpret_cast<const msghdr*>(entry.addr);
    if (header.msg_iovlen == 0 || header.msg_iovlen > kPartsMax) fail("a send has %zu parts", header.msg_iovlen);
    request.parts.assign(header.msg_iov, header.msg_iov + header.msg_iovlen);
  } else if (entry.opcode == IORING_OP_CONNECT) {
    request.address = reinterpret_cast<const void*>(entry.addr);
    request.stream->state = Stream::State::connecting;
  }
  const bool sends = entry.opcode == IORING_OP_SEND || entry.opcode == IORING_OP_SENDMSG;
  request.is_attempt = sends && (entry.msg_flags & MSG_DONTWAIT) != 0;
  bool& requested = request.is_input ? request.stream->input_requested : request.stream->output_requested;
  if (entry.opcode == IORING_OP_RECV || entry.opcode == IORING_OP_SENDMSG) {
    resubmissions_.submitted(*request.stream, request.is_input);
  }
  if (requested) fail("connection %u has two requests for one direction", request.stream->id);
  requested = true;
  by_name_[request.name] = &request;
  requests_.push_back(std::move(made));
  if (request.is_attempt) {
    // It runs at once (REQ_F_NOWAIT), or first in the next call, before other requests complete.
    if (kernel_.ill(kernel_.mood().late_sends)) return defer(request);
    run(request);
    return;
  }
  const bool polls_first = (request.flags & IORING_RECVSEND_POLL_FIRST) != 0 && request.opcode != IORING_OP_ACCEPT;
  if (!polls_first && request.opcode != IORING_OP_CONNECT && run(request)) return;
  request.waits = true;
}

void RingKernel::cancel(const io_uring_sqe& entry) {
  if (entry.fd != -1 || entry.cancel_flags != 0) fail("a submission is not well formed: a cancel by descriptor");
  int32_t result = -ENOENT;
  const auto found = by_name_.find(entry.addr);
  if (found != by_name_.end()) {
    Request& request = *found->second;
    if (request.opcode == IORING_OP_RECV) check_cancel(kernel_, *request.stream);
    result = 0;
    if (request.at_work && kernel_.ill(2)) {
      // The request runs first, and is cancelled only if it does not end then.
      result = -EALREADY;
    } else if (kernel_.ill(kernel_.mood().slow_cancel)) {
      request.forced = EINTR;
      result = -EALREADY;
    }
    request.cancelled = true;
    // With a forced error it keeps running until the next `look`.
    if (request.forced == 0) defer(request);
  }
  post(entry.user_data, result, 0, nullptr);
}

long RingKernel::cancel_all(const void* argument) {
  const auto& asked = *static_cast<const io_uring_sync_cancel_reg*>(argument);
  if (asked.flags != (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY)) fail("a cancel of all names some");
  if (kernel_.ill(4)) return -EINTR;
  if (requests_.empty()) return -ENOENT;
  for (const auto& request : requests_) {
    request->cancelled = true;
    defer(*request);
  }
  return 0;
}

void RingKernel::defer(Request& request) {
  if (request.at_work) return;
  request.at_work = true;
  work_.insert(request.is_attempt ? work_.begin() + attempts_at_work_++ : work_.end(), &request);
  signal();
}

bool RingKernel::is_due(const Request& request) {
  const Stream& stream = *request.stream;
  switch (request.opcode) {
    case IORING_OP_RECV:
      // Several wake-ups count as one: an event that came together with bytes already read is not reported (known for
      // Linux up to 6.18: a reset, and the close of a Unix socket).
      return stream.is_readable() && stream.wakes != request.wakes_seen;
    case IORING_OP_ACCEPT:
      return stream.is_readable();
    case IORING_OP_CONNECT:
      return stream.state != Stream::State::connecting;
    default:
      return stream.is_writable();
  }
}

void RingKernel::force_something(Request& request) {
  const Mood& mood = kernel_.mood();
  constexpr int kPassing[] = {EAGAIN, EINTR, ENOBUFS};
  constexpr int kAccepts[] = {ECONNABORTED, EPROTO, EPERM, EMFILE, ENFILE, ENOMEM, EAGAIN, EINTR};
  const bool receives = request.opcode == IORING_OP_RECV;
  const bool sends = request.opcode == IORING_OP_SENDMSG && !request.is_attempt;
  if (receives && kernel_.ill(mood.not_cancelled * 20)) request.forced = ECANCELED;
  if (receives && kernel_.ill(mood.again * 20)) request.forced = kernel_.random().any(kPassing);
  if (sends && kernel_.ill(mood.again * 4)) request.forced = kernel_.random().any(kPassing);
  if (request.opcode == IORING_OP_ACCEPT && request.stream->is_readable() && kernel_.ill(mood.accept_fault)) {
    request.forced = kernel_.random().any(kAccepts);
  }
}

void RingKernel::look() {
  for (const auto& request : requests_) {
    if (request->at_work) continue;
    if (!kernel_.is_kind()) force_something(*request);
    const bool due = request->forced != 0 || is_due(*request);
    if (due && !kernel_.ill(kernel_.mood().late)) defer(*request);
  }
}

void RingKernel::run_work(uint32_t most) {
  for (; (most > 0 || attempts_at_work_ > 0) && !work_.empty(); most -= most > 0 ? 1 : 0) {
    const bool in_order = kernel_.is_kind() || attempts_at_work_ > 0;
    const size_t index = in_order ? 0 : kernel_.random().below(static_cast<uint32_t>(work_.size()));
    Request& request = *work_[index];
    work_.erase(work_.begin() + static_cast<std::ptrdiff_t>(index));
    if (request.is_attempt) attempts_at_work_--;
    request.at_work = false;
    run(request);
  }
  set_flags();
}

bool RingKernel::run(Request& request) {
  if (request.forced != 0) {
    const int forced = request.forced;
    const bool passes = forced == EAGAIN || forced == EINTR || forced == ENOBUFS;
    if (!passes) request.stream->told.push_back(forced);
    if (forced == ECONNABORTED) accept_from(*request.stream);
    return end(request, -forced);
  }
  if (request.cancelled && !kernel_.ill(3)) return end(request, -ECANCELED);
  bool ended = false;
  if (request.opcode == IORING_OP_RECV) {
    ended = run_receive(request);
  } else if (request.opcode == IORING_OP_ACCEPT) {
    ended = run_accept(request);
  } else if (request.opcode == IORING_OP_CONNECT) {
    ended = run_connect(request);
  } else {
    ended = run_send(request);
  }
  // A cancelled request never waits again.
  return ended || (request.cancelled && end(request, -ECANCELED));
}

bool RingKernel::run_receive(Request& request) {
  Stream& stream = *request.stream;
  bool brought_bytes = false;
  for (int repeat = 0; repeat < kRepeatsMax; repeat++) {
    if (!stream.is_readable()) break;
    Chosen chosen{};
    if (!choose_buffer(chosen)) return end(request, -ENOBUFS);
    const ssize_t count =
        read_from(kernel_, stream, reinterpret_cast<uint8_t*>(chosen.entry->addr), chosen.entry->len);
    if (count <= 0) return end(request, static_cast<int32_t>(count), count == 0 ? name_unused_buffer() : 0);
    brought_bytes = true;
    const uint32_t flags = use_buffer(chosen, static_cast<uint32_t>(count));
    const bool multishot = (request.flags & IORING_RECV_MULTISHOT) != 0;
    if (!multishot || !post_more(request, static_cast<int32_t>(count), flags)) {
      return end(request, static_cast<int32_t>(count), flags);
    }
    const bool end_is_seen = stream.end_arrived && !stream.is_unix;
    if (stream.unread() == 0 && !end_is_seen) break;
  }
  // A request looks at its socket once more when it begins to wait, but not when it continues to wait. On a Unix
  // socket, Linux (6.18) can skip that look also for a request that has just brought bytes.
  const bool does_not_look = request.waits || (brought_bytes && stream.is_unix && kernel_.ill(2));
  request.wakes_seen = does_not_look && stream.unread() == 0 ? stream.wakes : kNoWake;
  return false;
}

bool RingKernel::run_accept(Request& request) {
  while (Stream* accepted = accept_from(*request.stream)) {
    const int descriptor = kernel_.add_stream(*accepted);
    const bool multishot = (request.flags & IORING_ACCEPT_MULTISHOT) != 0;
    if (!multishot || !post_more(request, descriptor, 0)) return end(request, descriptor);
  }
  return false;
}

bool RingKernel::run_send(Request& request) {
  const ssize_t count = write_to(kernel_, *request.stream, request.parts.data(), request.parts.size());
  if (count == -EAGAIN && !request.is_attempt) return false;
  return end(request, static_cast<int32_t>(count));
}

bool RingKernel::run_connect(Request& request) {
  // Reads the address late, to check that it is still valid.
  volatile const uint8_t* address = static_cast<const uint8_t*>(request.address);
  if (address[0] + address[1] == 0) fail("a connect names no address");
  Stream& stream = *request.stream;
  if (stream.state == Stream::State::connecting) return false;
  return end(request, -take_error(stream));
}

bool RingKernel::end(Request& request, int32_t result, uint32_t flags) {
  const Stream* stream = request.is_attempt ? nullptr : request.stream;
  const uint64_t name = request.name;
  // Never loses an accept: nobody would own its descriptor.
  const bool is_lost = request.opcode != IORING_OP_ACCEPT && is_full() && kernel_.ill(kernel_.mood().lost);
  const bool comes_again = request.opcode == IORING_OP_RECV || request.opcode == IORING_OP_SENDMSG;
  if (comes_again) resubmissions_.ended(*request.stream, request.is_input, result, next_completion());
  remove(request);
  if (is_lost) {
    lose();
  } else {
    post(name, result, flags, stream);
  }
  return true;
}

void RingKernel::remove(Request& request) {
  (request.is_input ? request.stream->input_requested : request.stream->output_requested) = false;
  by_name_.erase(request.name);
  const auto found = std::find_if(requests_.begin(), requests_.end(),
                                  [&](const std::unique_ptr<Request>& each) { return each.get() == &request; });
  std::swap(*found, requests_.back());
  requests_.pop_back();
}

bool RingKernel::choose_buffer(Chosen& chosen) {
  if (!has_buffer()) return false;
  const auto left = static_cast<uint16_t>(lent() - buffers_head_);
  if (left > buffer_count_) fail("more buffers are lent than their ring holds");
  chosen.entry = &buffers_[buffers_head_ & (buffer_count_ - 1)];
  chosen.flags = IORING_CQE_F_BUFFER | uint32_t{chosen.entry->bid} << IORING_CQE_BUFFER_SHIFT;
  if (chosen.entry->len == 0) fail("a buffer of no bytes is lent");
  kernel_.check_receive_memory(reinterpret_cast<uint8_t*>(chosen.entry->addr), chosen.entry->len);
  return true;
}

uint32_t RingKernel::use_buffer(const Chosen& chosen, uint32_t length) {
  if (!incremental_) {
    buffers_head_++;
    return chosen.flags;
  }
  chosen.entry->addr += length;
  chosen.entry->len -= length;
  if (chosen.entry->len > 0) return chosen.flags | kCompletionBufferMore;
  buffers_head_++;
  return chosen.flags;
}

uint32_t RingKernel::name_unused_buffer() {
  Chosen chosen{};
  if (!kernel_.random().one_in(kernel_.mood().old_marks) || !choose_buffer(chosen)) return 0;
  // A whole buffer that is named is used up; an incremental one stays, with or without kCompletionBufferMore.
  if (incremental_) return chosen.flags | (kernel_.random().one_in(2) ? kCompletionBufferMore : 0);
  buffers_head_++;
  return chosen.flags;
}

}  // namespace frameport::fuzz
