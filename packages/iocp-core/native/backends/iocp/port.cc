#include "port.h"

#include <errno.h>

#include <new>

#include "../../base/check.h"
#include "../../os/windows/stream_socket.h"
#include "../../os/windows/system_status.h"
#include "operations.h"

namespace frameport::iocp {

namespace {

OverlappedSocket& record_of(const Socket& socket) {
  check(socket.record != nullptr, "a socket of this port has a record");
  return *static_cast<OverlappedSocket*>(socket.record);
}

}  // namespace

IocpPort::~IocpPort() {
  // Rule 1: the kernel may still have records of closed sockets. Each comes back, because its descriptor is closed.
  while (sockets_ > 0) {
    if (done_.is_empty()) wait_source_.await();
    take_packets();
    Completion completion;
    while (OverlappedRecord* record = done_.pop()) {
      check(record->socket->state == SocketState::closed, "a port is freed after its sockets were closed");
      complete(*record, completion);
    }
  }
  wait_source_.stop();
  CloseHandle(queue_);
  WSACleanup();
}

int32_t IocpPort::listen(Socket& socket, const Address& address, const ListenOptions& options) {
  // Windows has no equivalent: its SO_REUSEADDR lets any program take the port over.
  if (options.reuse_port) return EOPNOTSUPP;
  Handle handle = kNoHandle;
  const int32_t status = stream_socket::open_listening(address, options, handle);
  if (status != 0) return status;
  const int family = stream_socket::family_of(address);
  auto* record = ListeningSocket::make(handle, family, options.socket, extensions_.accept);
  socket = Socket{};
  socket.handle = handle;
  socket.listening = true;
  return adopt(socket, record);
}

int32_t IocpPort::open(Socket& socket, const Address& address, const SocketOptions& options) {
  Handle handle = kNoHandle;
  const int32_t status = stream_socket::open(address, options, handle);
  if (status != 0) return status;
  return associate(socket, handle);
}

int32_t IocpPort::associate(Socket& socket, Handle accepted) {
  socket = Socket{};
  socket.handle = accepted;
  return adopt(socket, new (std::nothrow) OverlappedSocket(accepted));
}

int32_t IocpPort::adopt(Socket& socket, OverlappedSocket* record) {
  const int32_t status = record == nullptr ? ENOMEM : bind_to_queue(*record, queue_);
  if (status != 0) {
    delete record;
    stream_socket::close(socket.handle);
    socket.handle = kNoHandle;
    return status;
  }
  socket.record = record;
  sockets_++;
  return 0;
}

Submitted IocpPort::submit(Operation& operation) {
  Socket& socket = *operation.socket;
  check(!operation.in_flight(), "an operation is submitted again only after its final completion");
  check(socket.handle != kNoHandle, "an operation is submitted on an open socket");
  switch (operation.kind) {
    case OperationKind::accept:
      return start_accept(static_cast<AcceptOperation&>(operation));
    case OperationKind::receive:
      return start_receive(static_cast<ReceiveOperation&>(operation));
    case OperationKind::connect:
    case OperationKind::send:
      return start_output(operation);
    case OperationKind::shutdown: {
      const int32_t status = shutdown_sending(record_of(socket));
      return {status == 0 ? SubmitOutcome::done : SubmitOutcome::refused, status};
    }
  }
  check(false, "every kind of operation is known");
  return {SubmitOutcome::refused, EINVAL};
}

Submitted IocpPort::in_flight(Operation*& direction, Operation& operation) {
  check(direction == nullptr, "one operation in flight for each direction of a socket");
  direction = &operation;
  operation.move({OperationState::idle}, OperationState::waiting);
  return {SubmitOutcome::in_flight, 0};
}

void IocpPort::end_now(Operation& operation) {
  operation.direction() = nullptr;
  operation.move({OperationState::waiting, OperationState::cancelled}, OperationState::idle);
}

Submitted IocpPort::start_accept(AcceptOperation& operation) {
  auto& listener = static_cast<ListeningSocket&>(record_of(*operation.socket));
  RecordList done;
  const int32_t status = listener.start(operation, done);
  wait_source_.give(done);
  // Nothing could be posted: every socket made for it is closed again.
  if (status != 0) return {SubmitOutcome::refused, status};
  return in_flight(operation.socket->input, operation);
}

Submitted IocpPort::start_receive(ReceiveOperation& operation) {
  OverlappedSocket& socket = record_of(*operation.socket);
  OverlappedRecord& record = socket.receive;
  RecordList done;
  if (record.state() == RecordState::signalled) {
    // It completed while no operation waited for it.
    list_record(record, done);
  } else if (record.state() == RecordState::idle) {
    const int32_t status = post_receive(socket, done);
    if (status != 0 && !lacks_memory(status)) return {SubmitOutcome::refused, status};
    // The next `wait` sees the reason, and pauses it.
    if (status != 0) list_record(record, done);
  }
  wait_source_.give(done);
  record.operation = &operation;
  return in_flight(operation.socket->input, operation);
}

Submitted IocpPort::start_output(Operation& operation) {
  OverlappedSocket& socket = record_of(*operation.socket);
  const Posted posted = operation.kind == OperationKind::connect
                            ? post_connect(socket, static_cast<ConnectOperation&>(operation), extensions_.connect)
                            : post_send(socket, static_cast<SendOperation&>(operation));
  switch (posted) {
    case Posted::in_kernel:
      break;
    case Posted::done: {
      // Done now; the next `wait` returns the completion, as always.
      RecordList done;
      list_record(socket.output, done);
      wait_source_.give(done);
      break;
    }
    case Posted::refused: {
      const bool pauses = operation.kind == OperationKind::send && lacks_memory(socket.output.status);
      if (!pauses) return {SubmitOutcome::refused, socket.output.status};
      RecordList done;
      list_record(socket.output, done);
      wait_source_.give(done);
      break;
    }
  }
  socket.output.operation = &operation;
  return in_flight(operation.socket->output, operation);
}

void IocpPort::cancel(Operation& operation) {
  Socket& socket = *operation.socket;
  if (socket.output == &operation) {
    cancel_output(socket);
  } else if (socket.input == &operation && operation.kind == OperationKind::accept) {
    if (!static_cast<ListeningSocket&>(record_of(socket)).cancel()) cut_off(socket);
  } else if (socket.input == &operation) {
    // The record stays where it is: see the class.
    record_of(socket).receive.operation = nullptr;
    socket.input = nullptr;
    end_later(operation, ECANCELED);
  }
}

void IocpPort::cancel_output(Socket& socket) {
  Operation& operation = *socket.output;
  if (operation.state<OperationState>() == OperationState::cancelled) return;
  operation.move({OperationState::waiting}, OperationState::cancelled);
  OverlappedRecord& record = record_of(socket).output;
  if (record.state() != RecordState::paused) {
    if (!cancel_posted(record)) cut_off(socket);
    return;
  }
  // The kernel holds nothing of it.
  paused_.remove(record);
  record.move({RecordState::paused}, RecordState::idle);
  record.length = 0;
  record.status = ECANCELED;
  list_record(record, done_);
}

void IocpPort::cut_off(Socket& socket) {
  OverlappedSocket& record = record_of(socket);
  if (record.state != SocketState::open) return;
  record.state = SocketState::cut_off;
  // Pending operations fail, and their packets come (closesocket on learn.microsoft.com). Another socket may get the
  // number at once, so it must not be used any longer.
  stream_socket::close(socket.handle);
  socket.handle = kNoHandle;
}

void IocpPort::await_ready() {
  if (!has_ready()) wait_source_.await();
}

void IocpPort::try_send(SendAttempt* attempts, size_t count) {
  for (size_t index = 0; index < count; index++) {
    check(attempts[index].socket->output == nullptr, "nothing is sent past a send in flight");
    send_now(attempts[index]);
  }
}

void IocpPort::reset_on_close(Socket& socket) { stream_socket::reset_on_close(socket.handle); }

void IocpPort::close(Socket& socket) {
  check(socket.input == nullptr && socket.output == nullptr, "a socket is closed after its last operation");
  OverlappedSocket& record = record_of(socket);
  check(record.state != SocketState::closed, "a socket is closed once");
  if (record.receive.state() == RecordState::paused) {
    paused_.remove(record.receive);
    record.receive.move({RecordState::paused}, RecordState::idle);
  }
  if (record.state == SocketState::open) {
    // At most the unneeded receive is pending. If cancelling fails, closing fails the receive. In any case,
    // its packet frees the record.
    cancel_posted(record.receive);
    stream_socket::close(socket.handle);
  }
  record.state = SocketState::closed;
  socket.handle = kNoHandle;
  socket.record = nullptr;
  free_if_back(record);
}

void IocpPort::free_if_back(OverlappedSocket& socket) {
  if (socket.records_out > 0) return;
  sockets_--;
  delete &socket;
}

void IocpPort::discard(Handle accepted) { stream_socket::close(accepted); }

int32_t IocpPort::local_address(const Socket& socket, Address& address) const {
  return stream_socket::local_address(socket.handle, address);
}

int32_t IocpPort::remote_address(const Socket& socket, Address& address) const {
  return stream_socket::remote_address(socket.handle, address);
}

}  // namespace frameport::iocp
