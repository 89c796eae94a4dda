// Opens a port: its requirements of the system, step by step.

#include <errno.h>

#include <new>

#include "../../os/windows/stream_socket.h"
#include "../../os/windows/system_status.h"
#include "port.h"

namespace frameport::iocp {

namespace {

template <typename Function>
bool load(Handle socket, GUID name, Function& function) {
  DWORD answered = 0;
  return WSAIoctl(static_cast<SOCKET>(socket), SIO_GET_EXTENSION_FUNCTION_POINTER, &name, sizeof name, &function,
                  sizeof function, &answered, nullptr, nullptr) == 0;
}

// Code that a thread may still be leaving must not be unloaded with the last environment that loaded it.
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
  // The port's thread dequeues, too, and then counts as running: with a limit equal to the workers, one of them
  // would wait for it (CreateIoCompletionPort and "I/O Completion Ports" on learn.microsoft.com).
  const HANDLE queue = fault.status != 0
                           ? nullptr
                           : CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, setup.workers + 1);
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
  // It owns the queue and Winsock, and releases both.
  delete port;
  return nullptr;
}

}  // namespace frameport::iocp
