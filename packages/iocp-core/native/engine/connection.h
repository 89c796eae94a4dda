#ifndef FRAMEPORT_ENGINE_CONNECTION_H_
#define FRAMEPORT_ENGINE_CONNECTION_H_

#include <cstdint>

#include "../port.h"
#include "send_queue.h"

namespace frameport {

// What only a connection with a full socket needs: a record in flight and the bytes behind it.
struct Sending {
  Sending(Socket& socket, void* owner) : operation(socket, owner) {}
  SendOperation operation;
  SendQueue queue;
};

enum class ConnectionState : uint8_t { connecting, open, closing };

// Everything of one connection that the port may hold: it stays at its address for as long as the engine lives.
struct Connection {
  explicit Connection(uint32_t slot) : slot(slot), receive(socket, this), shutdown(socket, this) {}
  ~Connection() {
    delete connect;
    delete sending;
  }

  const uint32_t slot;
  uint32_t generation = 0;
  bool taken = false;
  Connection* next_free = nullptr;
  Connection* next_finishing = nullptr;

  Socket socket;
  ReceiveOperation receive;
  ShutdownOperation shutdown;
  ConnectOperation* connect = nullptr;  // only while connecting
  Sending* sending = nullptr;           // only once a send found no room

  ConnectionState state = ConnectionState::open;
  bool was_open = false;  // decides between `closed` and `connect_failed`
  bool receive_wanted = false;
  bool receive_ended = false;
  bool shutdown_wanted = false;
  // Operations submitted whose final completion has not been taken.
  uint32_t operations = 0;
  int32_t close_status = 0;
  uint32_t staged = 0;  // 1 + its place among the attempts of a flush that the port has not been asked about yet, or 0

  size_t queued() const { return sending == nullptr ? 0 : sending->queue.length(); }
};

struct ListenerRecord {
  explicit ListenerRecord(uint32_t slot) : slot(slot), accept(socket, this) {}

  const uint32_t slot;
  uint32_t generation = 0;
  bool taken = false;
  ListenerRecord* next_free = nullptr;
  ListenerRecord* next_finishing = nullptr;

  Socket socket;
  AcceptOperation accept;
  bool closing = false;
};

}  // namespace frameport

#endif  // FRAMEPORT_ENGINE_CONNECTION_H_
