#include "port.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "../check.h"
#include "../linux/stream_socket.h"
#include "connect.h"
#include "receive.h"
#include "ring_shape.h"
#include "send.h"
#include "shutdown.h"

namespace frameport::io_uring {

namespace {

// The kernel does about 20 pieces of deferred work in a call: so many calls are more than a batch.
constexpr int kRoundsMax = 32;

}  // namespace

Port* make(const PortSetup& setup, PortFault& fault) {
  const int eventfd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const int interrupt = eventfd < 0 ? -1 : ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (interrupt < 0) {
    fault = {"eventfd", errno};
    if (eventfd >= 0) ::close(eventfd);
    return nullptr;
  }
  auto* port = new (std::nothrow) RingPort(eventfd, interrupt);
  if (port == nullptr) {
    fault = {"memory for the port", ENOMEM};
    ::close(interrupt);
    ::close(eventfd);
    return nullptr;
  }
  fault = port->open(setup);
  if (fault.status == 0) return port;
  delete port;
  return nullptr;
}

PortFault RingPort::open(const PortSetup& setup) {
  PortFault fault = ring_.open(kRingShape.submissions, kRingShape.completions);
  if (fault.status != 0) return fault;
  fault = buffers_.open(ring_, setup.memory, kRingShape);
  if (fault.status != 0) return fault;
  headers_ = new (std::nothrow) msghdr[kRingShape.submissions];
  if (headers_ == nullptr) return {"memory for the headers of sends", ENOMEM};
  return {"IORING_REGISTER_EVENTFD", ring_.register_eventfd(eventfd_)};
}

RingPort::~RingPort() {
  buffers_.close(ring_);
  delete[] headers_;
  ::close(interrupt_);
  ::close(eventfd_);
}

int32_t RingPort::listen(Socket& socket, const Address& address, const ListenOptions& options) {
  const int descriptor = stream_socket::open_listening(address, options);
  if (descriptor < 0) return -descriptor;
  socket = Socket{};
  socket.handle = descriptor;
  socket.listening = true;
  return 0;
}

int32_t RingPort::open(Socket& socket, const Address& address, const SocketOptions& options) {
  const int descriptor = stream_socket::open(address, options);
  if (descriptor < 0) return -descriptor;
  socket = Socket{};
  socket.handle = descriptor;
  return 0;
}

int32_t RingPort::associate(Socket& socket, Handle accepted) {
  // The ring takes any descriptor of the process: nothing here can fail.
  socket = Socket{};
  socket.handle = accepted;
  return 0;
}

Operation*& RingPort::direction(const Operation& operation) {
  const bool is_input = operation.kind == OperationKind::accept || operation.kind == OperationKind::receive;
  return is_input ? operation.socket->input : operation.socket->output;
}

Submitted RingPort::submit(Operation& operation) {
  Socket& socket = *operation.socket;
  check(!operation.in_flight(), "an operation is submitted again only after its final completion");
  check(socket.handle != kNoHandle, "an operation is submitted on an open socket");
  if (operation.kind == OperationKind::shutdown) {
    const int32_t status = shutdown_sending(socket);
    return {status == 0 ? SubmitOutcome::done : SubmitOutcome::refused, status};
  }
  check(direction(operation) == nullptr, "one operation in flight for each direction of a socket");
  direction(operation) = &operation;
  operation.set_in_flight(true);
  operation.late_status = 0;
  operation.phase = kWaiting;
  waiting_.push(operation);
  if (asleep_) hand_over_waiting();
  return {SubmitOutcome::in_flight, 0};
}

void RingPort::cancel(Operation& operation) {
  if (!operation.in_flight() || operation.late_status == ECANCELED) return;
  if (operation.phase == kComplete) return;
  operation.late_status = ECANCELED;
  if (operation.phase == kStarved) starved_cancelled_++;
  if (operation.phase == kInKernel || operation.phase == kFed) {
    operation.phase = kCancelling;
    waiting_.push(operation);
  }
  if (asleep_) hand_over_waiting();
}

void RingPort::hand_over_waiting() {
  ring_.check_owner();
  prepare();
  // What the kernel does not take now stays queued, and keeps `has_ready` true.
  while (ring_.queued() > 0 && ring_.enter(false) > 0) prepare();
}

void RingPort::prepare() {
  while (!waiting_.is_empty() && ring_.room() > 0) {
    Operation& operation = *waiting_.pop();
    if (operation.phase == kWaiting && operation.late_status == ECANCELED) {
      // The kernel has never seen it.
      complete_later(operation);
    } else {
      write_entry(operation);
      operation.phase = kInKernel;
    }
  }
}

void RingPort::write_entry(Operation& operation) {
  SubmissionEntry& entry = *ring_.next();
  if (operation.phase == kCancelling) {
    entry.opcode = kOpCancel;
    entry.descriptor = -1;
    entry.address = reinterpret_cast<uint64_t>(&operation);
    entry.user_data = kNobody;
    return;
  }
  switch (operation.kind) {
    case OperationKind::accept:
      prepare_accept(static_cast<AcceptOperation&>(operation), entry);
      break;
    case OperationKind::connect:
      prepare_connect(static_cast<ConnectOperation&>(operation), entry);
      break;
    case OperationKind::receive:
      prepare_receive(static_cast<ReceiveOperation&>(operation), entry);
      break;
    case OperationKind::send:
      prepare_send(static_cast<SendOperation&>(operation), entry, headers_[ring_.index_of(entry)]);
      break;
    case OperationKind::shutdown:
      check(false, "a shutdown is done at once");
  }
  // Rule 1 makes the address a name: the record stays until its final completion was taken.
  entry.user_data = reinterpret_cast<uint64_t>(&operation);
}

void RingPort::try_send(SendAttempt* attempts, size_t count) {
  for (size_t index = 0; index < count; index++) {
    check(attempts[index].socket->output == nullptr, "nothing is sent past a send in flight");
  }
  ring_.check_owner();
  for (size_t done = send_together(ring_, attempts, count); done < count; done++) {
    stream_socket::send_now(attempts[done]);
  }
}

size_t RingPort::wait(Completion* completions, size_t capacity) {
  check(capacity >= kCompletionsMin, "a wait has room for one listener and one connection");
  ring_.check_owner();
  wake();
  Gathering gathering{completions, capacity};
  take_ready(gathering);
  while (!gathering.is_full() && !held_.is_empty() && gathering.accepts < kAcceptsMax) {
    take_operation(held_.pop(), gathering);
  }
  arm_starved();
  take_queue(gathering);
  for (int round = 0; round < kRoundsMax && !gathering.is_full() && ring_.ready() == 0; round++) {
    prepare();
    if (ring_.queued() == 0 && !ring_.is_due()) break;
    ring_.enter(true);
    take_queue(gathering);
    // Without a buffer the deferred work of receives could only fail.
    if (buffers_.available() == 0) break;
  }
  take_ready(gathering);
  look_for_hang_ups(gathering);
  return gathering.count;
}

void RingPort::look_for_hang_ups(const Gathering& gathering) {
  nfds_t count = 0;
  for (size_t index = 0; index < gathering.count; index++) {
    Operation& operation = *gathering.completions[index].operation;
    // One armed by a receive that looks before it waits misses nothing.
    const bool looks_first = (operation.socket->interest & kHungUp) != 0;
    const bool goes_on = operation.kind == OperationKind::receive && operation.phase == kFed && !looks_first;
    // Several completions of one operation mostly follow each other; one looked at twice does no harm.
    if (!goes_on || (count > 0 && looked_at_for_[count - 1] == &operation)) continue;
    looked_at_[count] = {static_cast<int>(operation.socket->handle), POLLRDHUP, 0};
    looked_at_for_[count] = &operation;
    if (++count == kLooksMax) count = look(count);
  }
  look(count);
}

nfds_t RingPort::look(nfds_t count) {
  const int hung_up = count == 0 ? 0 : poll(looked_at_, count, 0);
  // Without an answer all of them are taken for hung up: arming anew is always right.
  for (nfds_t index = 0; index < count && hung_up != 0; index++) {
    Operation& operation = *looked_at_for_[index];
    if ((hung_up > 0 && looked_at_[index].revents == 0) || operation.phase != kFed) continue;
    operation.socket->interest |= kHungUp;
    operation.phase = kCancelling;
    waiting_.push(operation);
  }
  return 0;
}

void RingPort::take_queue(Gathering& gathering) {
  const uint32_t ready = ring_.ready();
  uint32_t taken = 0;
  while (taken < ready && !gathering.is_full() && take(ring_.completion(taken), gathering)) taken++;
  ring_.advance(taken);
}

bool RingPort::take(const CompletionEntry& entry, Gathering& gathering) {
  if (entry.user_data == kNobody) return true;
  const auto& operation = *reinterpret_cast<const Operation*>(entry.user_data);
  const bool must_wait = gathering.accepts == kAcceptsMax || !held_.is_empty();
  if (operation.kind == OperationKind::accept && must_wait) return held_.push(entry);
  take_operation(entry, gathering);
  return true;
}

void RingPort::take_operation(const CompletionEntry& entry, Gathering& gathering) {
  Operation& operation = *reinterpret_cast<Operation*>(entry.user_data);
  Completion& completion = gathering.completions[gathering.count];
  completion = Completion{};
  completion.operation = &operation;
  Taken taken{Next::over, true};
  switch (operation.kind) {
    case OperationKind::accept:
      taken = take_accept(entry, completion);
      gathering.accepts++;
      break;
    case OperationKind::connect:
      taken = take_connect(entry, completion);
      break;
    case OperationKind::receive:
      taken = take_receive(entry, buffers_, completion);
      break;
    case OperationKind::send:
      taken = take_send(entry, completion);
      break;
    case OperationKind::shutdown:
      check(false, "a shutdown is done at once");
  }
  if (taken.completes) gathering.count++;
  go_on(operation, taken.next, completion.length > 0);
}

void RingPort::go_on(Operation& operation, Next next, bool fed) {
  if (next == Next::goes_on) {
    if (fed && operation.phase == kInKernel) operation.phase = kFed;
    return;
  }
  // The kernel has let go of it, and a cancel that it has not seen would find nothing.
  if (operation.phase == kCancelling) waiting_.remove(operation);
  if (next == Next::over) return end(operation);
  if (operation.late_status == ECANCELED) return complete_later(operation);
  if (next == Next::again) {
    operation.phase = kWaiting;
    waiting_.push(operation);
    return;
  }
  (operation.phase == kFed ? starved_ : hungry_).push(operation);
  operation.phase = kStarved;
}

void RingPort::end(Operation& operation) {
  operation.set_in_flight(false);
  direction(operation) = nullptr;
}

void RingPort::complete_later(Operation& operation) {
  operation.phase = kComplete;
  ready_.push(operation);
}

void RingPort::take_ready(Gathering& gathering) {
  while (!gathering.is_full() && !ready_.is_empty()) {
    Operation& operation = *ready_.pop();
    Completion& completion = gathering.completions[gathering.count++];
    completion = Completion{};
    completion.operation = &operation;
    completion.status = operation.late_status;
    end(operation);
  }
}

void RingPort::arm_starved() {
  if (starved_cancelled_ > 0) {
    drop_cancelled(hungry_);
    drop_cancelled(starved_);
    starved_cancelled_ = 0;
  }
  // One for each buffer: all of them at once would mostly fail again. One that takes several buffers goes behind those
  // that have had nothing, so that everybody's turn comes.
  for (uint32_t room = buffers_.available(); room > 0; room--) {
    Operation* operation = hungry_.is_empty() ? starved_.pop() : hungry_.pop();
    if (operation == nullptr) return;
    operation->phase = kWaiting;
    waiting_.push(*operation);
  }
}

void RingPort::drop_cancelled(OperationList& starved) {
  OperationList kept;
  while (Operation* operation = starved.pop()) {
    if (operation->late_status == ECANCELED) {
      complete_later(*operation);
    } else {
      kept.push(*operation);
    }
  }
  starved = kept;
}

bool RingPort::has_ready() const {
  if (!waiting_.is_empty() || !ready_.is_empty() || !held_.is_empty() || starved_cancelled_ > 0) return true;
  if (buffers_.available() > 0 && !(hungry_.is_empty() && starved_.is_empty())) return true;
  return ring_.queued() > 0 || ring_.has_something();
}

bool RingPort::try_sleep() {
  hand_over_waiting();
  if (has_ready()) return false;
  ring_.set_audible(true);
  asleep_ = true;
  if (!ring_.has_something()) return true;
  wake();
  return false;
}

void RingPort::wake() {
  if (!asleep_) return;
  asleep_ = false;
  ring_.set_audible(false);
}

void RingPort::await_ready() {
  hand_over_waiting();
  while (!has_ready()) ring_.enter(true, 1);
}

void RingPort::reset_on_close(Socket& socket) { stream_socket::reset_on_close(static_cast<int>(socket.handle)); }

void RingPort::close(Socket& socket) {
  check(socket.handle != kNoHandle, "a socket is closed once");
  check(socket.input == nullptr && socket.output == nullptr, "a socket is closed after its last operation");
  const int descriptor = static_cast<int>(socket.handle);
  socket.handle = kNoHandle;
  if (socket.listening) {
    stream_socket::close_listening(descriptor);
  } else {
    ::close(descriptor);
  }
}

void RingPort::discard(Handle accepted) { ::close(static_cast<int>(accepted)); }

int32_t RingPort::local_address(const Socket& socket, Address& address) const {
  return stream_socket::local_address(static_cast<int>(socket.handle), address);
}

int32_t RingPort::remote_address(const Socket& socket, Address& address) const {
  return stream_socket::remote_address(static_cast<int>(socket.handle), address);
}

}  // namespace frameport::io_uring
