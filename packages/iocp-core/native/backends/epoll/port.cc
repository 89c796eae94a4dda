#include "port.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <new>

#include "../../base/check.h"
#include "../../os/linux/stream_socket.h"
#include "operations.h"

namespace frameport::epoll {

Port* make(const PortSetup& setup, PortFault& fault) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) {
    fault = {"epoll_create1", errno};
    return nullptr;
  }
  const int interrupt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (interrupt < 0) {
    fault = {"eventfd", errno};
    ::close(epoll);
    return nullptr;
  }
  auto* port = new (std::nothrow) EpollPort(setup.memory, epoll, interrupt);
  if (port != nullptr && port->is_made()) return port;
  fault = {"memory for the port", ENOMEM};
  // A port that was made owns both descriptors.
  if (port == nullptr) {
    ::close(interrupt);
    ::close(epoll);
  }
  delete port;
  return nullptr;
}

EpollPort::EpollPort(const ReceiveMemory& memory, int epoll_descriptor, int interrupt_descriptor)
    : pool_(memory), epoll_(epoll_descriptor), wait_source_(epoll_descriptor, interrupt_descriptor) {}

EpollPort::~EpollPort() { ::close(epoll_); }

int32_t EpollPort::listen(Socket& socket, const Address& address, const ListenOptions& options) {
  return stream_socket::listen(socket, address, options);
}

int32_t EpollPort::open(Socket& socket, const Address& address, const SocketOptions& options) {
  return stream_socket::open(socket, address, options);
}

int32_t EpollPort::associate(Socket& socket, Handle accepted) {
  // accept4 made it non-blocking, and it is watched from its first operation on: nothing here can fail.
  stream_socket::associate(socket, accepted);
  return 0;
}

Submitted EpollPort::submit(Operation& operation) {
  Socket& socket = *operation.socket;
  check(!operation.in_flight(), "an operation is submitted again only after its final completion");
  check(socket.handle != kNoHandle, "an operation is submitted on an open socket");
  switch (operation.kind) {
    case OperationKind::accept:
    case OperationKind::receive:
      return start_waiting(operation);
    case OperationKind::connect: {
      const int32_t status = begin_connect(static_cast<ConnectOperation&>(operation));
      if (status == EINPROGRESS) return start_waiting(operation);
      if (status != 0) return {SubmitOutcome::refused, status};
      operation.end_status = 0;
      move(operation, {OperationState::idle}, OperationState::ended);
      return {SubmitOutcome::in_flight, 0};
    }
    case OperationKind::send:
      // The caller already knows from try_send that there is no room: only readiness can change that.
      return start_waiting(operation);
    case OperationKind::shutdown: {
      const int32_t status = shutdown_sending(socket);
      return {status == 0 ? SubmitOutcome::done : SubmitOutcome::refused, status};
    }
  }
  check(false, "every kind of operation is known");
  return {SubmitOutcome::refused, EINVAL};
}

void EpollPort::move(Operation& operation, std::initializer_list<OperationState> from, OperationState to) {
  const auto was = operation.state<OperationState>();
  operation.move(from, to);
  if (was == OperationState::waiting) operation.direction() = nullptr;
  if (was == OperationState::ended) ended_.remove(operation);
  if (to == OperationState::waiting) {
    check(operation.direction() == nullptr, "one operation in flight for each direction of a socket");
    operation.direction() = &operation;
  }
  if (to == OperationState::ended) ended_.push(operation);
}

Submitted EpollPort::start_waiting(Operation& operation) {
  move(operation, {OperationState::idle}, OperationState::waiting);
  const int32_t status = watch(*operation.socket);
  if (status == 0) return {SubmitOutcome::in_flight, 0};
  // The kernel has not seen the record: the caller has it again, and the port keeps no reference to it.
  move(operation, {OperationState::waiting}, OperationState::idle);
  return {SubmitOutcome::refused, status};
}

int32_t EpollPort::watch(Socket& socket) {
  const uint32_t wanted = (socket.input != nullptr ? EPOLLIN : 0u) | (socket.output != nullptr ? EPOLLOUT : 0u);
  if ((wanted & ~socket.interest) == 0) return 0;
  epoll_event event{};
  event.events = wanted;
  event.data.ptr = &socket;
  const int action = socket.interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(epoll_, action, static_cast<int>(socket.handle), &event) != 0) return errno;
  socket.interest = wanted;
  return 0;
}

void EpollPort::cancel(Operation& operation) {
  // Not in flight, or ended already with a completion to come.
  if (operation.state<OperationState>() != OperationState::waiting) return;
  operation.end_status = ECANCELED;
  move(operation, {OperationState::waiting}, OperationState::ended);
}

size_t EpollPort::take_ended(Completion* completions, size_t capacity) {
  size_t count = 0;
  while (count < capacity && !ended_.is_empty()) {
    Operation& operation = *ended_.first();
    move(operation, {OperationState::ended}, OperationState::idle);
    completions[count] = Completion{};
    completions[count].operation = &operation;
    completions[count].status = operation.end_status;
    count++;
  }
  return count;
}

size_t EpollPort::wait(Completion* completions, size_t capacity) {
  check(capacity >= kCompletionsMin, "a wait has room for one listener and one connection");
  size_t count = take_ended(completions, capacity);
  size_t received = 0;
  bool fetched = false;
  // A socket yields at most kAcceptsMax completions. Without room in the pool a receive would only have to be repeated.
  while (capacity - count >= kAcceptsMax && received < kReceivedBytesMax && pool_.has_room()) {
    if (event_next_ == event_count_) {
      // Fetches once in a wait: sockets that are ready again are served by the next wait.
      if (fetched) break;
      fetched = true;
      fetch_events();
      continue;
    }
    const size_t taken = take_event(completions + count);
    for (size_t index = count; index < count + taken; index++) {
      if (completions[index].bytes != nullptr) received += completions[index].length;
    }
    count += taken;
  }
  return count;
}

void EpollPort::fetch_events() {
  event_next_ = 0;
  event_count_ = epoll_wait(epoll_, events_, kEventsMax, 0);
  if (event_count_ >= 0) return;
  check(errno == EINTR, "epoll_wait is asked about a valid descriptor");
  event_count_ = 0;
}

size_t EpollPort::take_event(Completion* completions) {
  const epoll_event& event = events_[event_next_++];
  if (event.data.ptr == nullptr) return 0;
  Socket& socket = *static_cast<Socket*>(event.data.ptr);
  // EPOLLERR and EPOLLHUP are always reported: the operation's own system call shows what they mean.
  const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
  const uint32_t needed = (socket.input != nullptr ? EPOLLIN : 0u) | (socket.output != nullptr ? EPOLLOUT : 0u);
  if (socket.interest != needed) narrow(socket, needed);
  size_t count = 0;
  if (socket.output != nullptr && (broken || (event.events & EPOLLOUT) != 0)) {
    count += complete_output(socket, completions);
  }
  if (socket.input != nullptr && (broken || (event.events & EPOLLIN) != 0)) {
    count += complete_input(socket, completions + count);
  }
  return count;
}

void EpollPort::forget_events(const Socket& socket) {
  for (int index = event_next_; index < event_count_; index++) {
    if (events_[index].data.ptr == &socket) events_[index].data.ptr = nullptr;
  }
}

void EpollPort::narrow(Socket& socket, uint32_t needed) {
  epoll_event event{};
  event.events = needed;
  event.data.ptr = &socket;
  // With nothing to wait for, the socket leaves the set: otherwise a hang-up would be reported forever.
  const int action = needed == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  check(epoll_ctl(epoll_, action, static_cast<int>(socket.handle), &event) == 0, "a watched socket can be changed");
  socket.interest = needed;
}

size_t EpollPort::complete_input(Socket& socket, Completion* completions) {
  Operation& operation = *socket.input;
  size_t count = 0;
  if (operation.kind == OperationKind::accept) {
    count = accept_ready(static_cast<AcceptOperation&>(operation), completions, kAcceptsMax);
  } else {
    count = receive_ready(static_cast<ReceiveOperation&>(operation), pool_, completions[0]) ? 1 : 0;
  }
  const bool over = count > 0 && !completions[count - 1].more;
  if (over) move(operation, {OperationState::waiting}, OperationState::idle);
  return count;
}

size_t EpollPort::complete_output(Socket& socket, Completion* completions) {
  Operation& operation = *socket.output;
  const bool complete = operation.kind == OperationKind::connect
                            ? connect_ready(static_cast<ConnectOperation&>(operation), completions[0])
                            : send_ready(static_cast<SendOperation&>(operation), completions[0]);
  if (!complete) return 0;
  move(operation, {OperationState::waiting}, OperationState::idle);
  return 1;
}

void EpollPort::try_send(SendAttempt* attempts, size_t count) {
  for (size_t index = 0; index < count; index++) {
    check(attempts[index].socket->output == nullptr, "nothing is sent past a send in flight");
    stream_socket::send_now(attempts[index]);
  }
}

void EpollPort::await_ready() {
  // Cancelled operations are complete at once: there is no need to block.
  check(has_ready(), "everything in flight was cancelled");
}

void EpollPort::reset_on_close(Socket& socket) { stream_socket::reset_on_close(static_cast<int>(socket.handle)); }

void EpollPort::close(Socket& socket) {
  // A copy of the descriptor in a child between fork and exec would keep the registration alive.
  if (socket.interest != 0) narrow(socket, 0);
  forget_events(socket);
  stream_socket::close(socket);
}

void EpollPort::discard(Handle accepted) { ::close(static_cast<int>(accepted)); }

int32_t EpollPort::local_address(const Socket& socket, Address& address) const {
  return stream_socket::local_address(static_cast<int>(socket.handle), address);
}

int32_t EpollPort::remote_address(const Socket& socket, Address& address) const {
  return stream_socket::remote_address(static_cast<int>(socket.handle), address);
}

}  // namespace frameport::epoll
