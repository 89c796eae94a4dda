#include "port.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <new>

#include "../check.h"
#include "../linux/stream_socket.h"
#include "connect.h"
#include "receive.h"
#include "ring_shape.h"
#include "send.h"
#include "shutdown.h"

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
  return stream_socket::listen(socket, address, options);
}

int32_t RingPort::open(Socket& socket, const Address& address, const SocketOptions& options) {
  return stream_socket::open(socket, address, options);
}

int32_t RingPort::associate(Socket& socket, Handle accepted) {
  // The ring takes any descriptor of the process: nothing here can fail.
  stream_socket::associate(socket, accepted);
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

void RingPort::close(Socket& socket) { stream_socket::close(socket); }

void RingPort::discard(Handle accepted) { ::close(static_cast<int>(accepted)); }

int32_t RingPort::local_address(const Socket& socket, Address& address) const {
  return stream_socket::local_address(static_cast<int>(socket.handle), address);
}

int32_t RingPort::remote_address(const Socket& socket, Address& address) const {
  return stream_socket::remote_address(static_cast<int>(socket.handle), address);
}

}  // namespace frameport::io_uring
