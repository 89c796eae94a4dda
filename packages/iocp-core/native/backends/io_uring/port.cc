#include "port.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <new>

#include "../../base/check.h"
#include "../../os/linux/event_counter.h"
#include "../../os/linux/stream_socket.h"
#include "operations.h"
#include "ring_shape.h"

namespace frameport::io_uring {

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
  if (broken_) return kBrokenStatus;
  return stream_socket::listen(socket, address, options);
}

int32_t RingPort::open(Socket& socket, const Address& address, const SocketOptions& options) {
  if (broken_) return kBrokenStatus;
  return stream_socket::open(socket, address, options);
}

int32_t RingPort::associate(Socket& socket, Handle accepted) {
  // The ring accepts any descriptor of the process: nothing here can fail.
  stream_socket::associate(socket, accepted);
  return 0;
}

Submitted RingPort::submit(Operation& operation) {
  Socket& socket = *operation.socket;
  check(!operation.in_flight(), "an operation is submitted again only after its final completion");
  check(socket.handle != kNoHandle, "an operation is submitted on an open socket");
  if (operation.kind == OperationKind::shutdown) {
    const int32_t status = shutdown_sending(socket);
    return {status == 0 ? SubmitOutcome::done : SubmitOutcome::refused, status};
  }
  if (broken_) return {SubmitOutcome::refused, kBrokenStatus};
  // Not submitted now, even if the port sleeps: `has_ready` reports it, and one call of `wait` submits all together.
  move(operation, {OperationState::idle}, OperationState::to_submit);
  return {SubmitOutcome::in_flight, 0};
}

void RingPort::cancel(Operation& operation) {
  switch (operation.state<OperationState>()) {
    case OperationState::idle:
    case OperationState::to_cancel:
    case OperationState::cancelling:
    case OperationState::ended:
      return;
    case OperationState::to_submit:
    case OperationState::without_buffer:
    case OperationState::without_next_buffer:
      // The kernel has not seen it, or has released it.
      return end_later(operation, ECANCELED);
    case OperationState::armed:
    case OperationState::receiving:
    case OperationState::to_rearm:
      move(operation, {OperationState::armed, OperationState::receiving, OperationState::to_rearm},
           OperationState::to_cancel);
      return;
    case OperationState::rearming:
      // The kernel has been asked already; only the action after its end changes.
      return move(operation, {OperationState::rearming}, OperationState::cancelling);
  }
  check(false, "every state of an operation is known");
}

void RingPort::hand_over() {
  ring_.check_owner();
  write_entries();
  // Entries that the kernel does not take now stay queued, and keep `has_ready` true.
  while (ring_.queued() > 0 && ring_.enter(false) > 0) write_entries();
}

void RingPort::write_entries() {
  // Cancels come first. An operation that ended and was submitted again in between still comes after its old cancel,
  // because the kernel takes entries in order: that cancel finds nothing.
  while (!to_end_.is_empty() && ring_.room() > 0) write_cancel(*to_end_.first());
  while (!to_submit_.is_empty() && ring_.room() > 0) write_entry(*to_submit_.first());
}

void RingPort::write_cancel(Operation& operation) {
  SubmissionEntry& entry = *ring_.next();
  entry.opcode = kOpCancel;
  entry.descriptor = -1;
  entry.address = reinterpret_cast<uint64_t>(&operation);
  entry.user_data = kNobody;
  if (operation.state<OperationState>() == OperationState::to_rearm) {
    move(operation, {OperationState::to_rearm}, OperationState::rearming);
  } else {
    move(operation, {OperationState::to_cancel}, OperationState::cancelling);
  }
}

void RingPort::write_entry(Operation& operation) {
  SubmissionEntry& entry = *ring_.next();
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
  // Rule 1 makes the address an identifier: the record stays until its final completion was taken.
  entry.user_data = reinterpret_cast<uint64_t>(&operation);
  move(operation, {OperationState::to_submit}, OperationState::armed);
}

void RingPort::try_send(SendAttempt* attempts, size_t count) {
  for (size_t index = 0; index < count; index++) {
    check(attempts[index].socket->output == nullptr, "nothing is sent past a send in flight");
  }
  ring_.check_owner();
  // The answers are read here, so they need no wake.
  if (asleep_) ring_.set_audible(false);
  size_t done = send_together(ring_, headers_, attempts, count);
  if (asleep_) listen_again();
  for (; done < count; done++) stream_socket::send_now(attempts[done]);
}

void RingPort::listen_again() {
  ring_.set_audible(true);
  // The other completions in between were not counted.
  if (ring_.has_something()) event_counter::count_up(eventfd_);
}

bool RingPort::has_ready() const {
  if (!to_submit_.is_empty() || !to_end_.is_empty() || !ended_.is_empty() || !held_.is_empty()) return true;
  const bool all_have_buffers = without_buffer_.is_empty() && without_next_buffer_.is_empty();
  if (!all_have_buffers && buffers_.available() > 0) return true;
  return ring_.queued() > 0 || ring_.has_something() || must_break();
}

bool RingPort::try_sleep() {
  hand_over();
  if (has_ready()) return false;
  ring_.set_audible(true);
  asleep_ = true;
  if (ring_.has_something()) {
    wake();
    return false;
  }
  source_.look_again();
  return true;
}

void RingPort::wake() {
  if (!asleep_) return;
  asleep_ = false;
  ring_.set_audible(false);
}

void RingPort::await_ready() {
  hand_over();
  while (!has_ready()) ring_.enter(true, 1);
}

void RingPort::reset_on_close(Socket& socket) { stream_socket::reset_on_close(static_cast<int>(socket.handle)); }

void RingPort::close(Socket& socket) { stream_socket::close(socket); }

void RingPort::discard(Handle accepted) { ::close(static_cast<int>(accepted)); }

int32_t RingPort::local_address(const Socket& socket, Address& address) const {
  return stream_socket::local_address(static_cast<int>(socket.handle), address);
}

int32_t RingPort::remote_address(const Socket& socket, Address& address) const {
  return stream_socket::remote_address(static_cast<int>(socket.handle), address);
}

}  // namespace frameport::io_uring
