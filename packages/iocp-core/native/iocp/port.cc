#include "port.h"

#include <errno.h>

#include <new>

#include "../check.h"
#include "../windows/stream_socket.h"
#include "../windows/system_status.h"
#include "connect.h"
#include "receive.h"
#include "send.h"
#include "shutdown.h"

namespace frameport::iocp {

namespace {

OverlappedSocket& record_of(const Socket& socket) {
  check(socket.record != nullptr, "a socket of this port has a record");
  return *static_cast<OverlappedSocket*>(socket.record);
}

template <typename Function>
bool load(Handle socket, GUID name, Function& function) {
  DWORD answered = 0;
  return WSAIoctl(static_cast<SOCKET>(socket), SIO_GET_EXTENSION_FUNCTION_POINTER, &name, sizeof name, &function,
                  sizeof function, &answered, nullptr, nullptr) == 0;
}

// Code that a thread may still be leaving must not be unloaded with the last environment that had loaded it.
void stay_loaded() {
  HMODULE module = nullptr;
  constexpr DWORD kHow = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
  GetModuleHandleExW(kHow, reinterpret_cast<LPCWSTR>(&make), &module);
}

}  // namespace

PortFault load_extensions(SocketExtensions& extensions) {
  Handle socket = kNoHandle;
  const int32_t status = stream_socket::create(AF_INET, socket);
  if (status != 0) return {"WSASocket", status};
  PortFault fault;
  if (!load(socket, WSAID_ACCEPTEX, extensions.accept)) {
    fault = {"AcceptEx", last_socket_status()};
  } else if (!load(socket, WSAID_CONNECTEX, extensions.connect)) {
    fault = {"ConnectEx", last_socket_status()};
  }
  stream_socket::close(socket);
  return fault;
}

Port* make(const PortSetup& setup, PortFault& fault) {
  WSADATA winsock;
  const int refused = WSAStartup(MAKEWORD(2, 2), &winsock);
  if (refused != 0) {
    fault = {"WSAStartup", errno_of(static_cast<uint32_t>(refused))};
    return nullptr;
  }
  SocketExtensions extensions;
  fault = load_extensions(extensions);
  const HANDLE queue = fault.status != 0 ? nullptr : CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0);
  if (fault.status == 0 && queue == nullptr) fault = {"CreateIoCompletionPort", last_system_status()};
  if (fault.status != 0) {
    WSACleanup();
    return nullptr;
  }
  stay_loaded();
  IocpPort* port = new (std::nothrow) IocpPort(setup.memory, queue, extensions);
  if (port == nullptr) {
    fault = {"memory for the port", ENOMEM};
    CloseHandle(queue);
    WSACleanup();
    return nullptr;
  }
  fault = {"a worker thread", port->start(setup.workers)};
  if (fault.status == 0) return port;
  // It takes the queue and Winsock with it.
  delete port;
  return nullptr;
}

IocpPort::~IocpPort() {
  // Rule 1: records of closed sockets may still be the kernel's. Each comes back, because its descriptor is closed.
  while (sockets_ > 0) {
    if (done_.empty()) wait_source_.await();
    take_packets();
    Completion completion;
    while (OverlappedRecord* record = done_.pop()) {
      check(record->socket->closed, "a port is freed after its sockets were closed");
      complete(*record, completion);
    }
  }
  wait_source_.stop();
  CloseHandle(queue_);
  WSACleanup();
}

int32_t IocpPort::listen(Socket& socket, const Address& address, const ListenOptions& options) {
  // Windows has nothing of this meaning: its SO_REUSEADDR lets a stranger take the port over.
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
  if (record.state == RecordState::signalled) {
    // It completed while nobody waited for it.
    list_record(record, done);
  } else if (record.state == RecordState::idle) {
    const int32_t status = post_receive(socket, done);
    if (status != 0) return {SubmitOutcome::refused, status};
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
      // Done now, and told by the next `wait`, as a completion always is.
      RecordList done;
      list_record(socket.output, done);
      wait_source_.give(done);
      break;
    }
    case Posted::refused:
      return {SubmitOutcome::refused, socket.output.status};
  }
  socket.output.operation = &operation;
  return in_flight(operation.socket->output, operation);
}

void IocpPort::cancel(Operation& operation) {
  Socket& socket = *operation.socket;
  if (socket.output == &operation) {
    cancel_posted(record_of(socket).output);
  } else if (socket.input == &operation && operation.kind == OperationKind::accept) {
    static_cast<ListeningSocket&>(record_of(socket)).cancel();
  } else if (socket.input == &operation) {
    // The record stays where it is: see the class.
    record_of(socket).receive.operation = nullptr;
    socket.input = nullptr;
    end_later(operation, ECANCELED);
  }
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
  check(socket.handle != kNoHandle, "a socket is closed once");
  check(socket.input == nullptr && socket.output == nullptr, "a socket is closed after its last operation");
  OverlappedSocket& record = record_of(socket);
  // At most the receive that nobody waits for any more; whatever becomes of it, its packet frees the record.
  cancel_posted(record.receive);
  record.closed = true;
  stream_socket::close(socket.handle);
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
