#ifndef FRAMEPORT_ENGINE_CONNECTION_H_
#define FRAMEPORT_ENGINE_CONNECTION_H_

#include <cstdint>
#include <initializer_list>

#include "../base/check.h"
#include "../base/linked_list.h"
#include "../base/one_of.h"
#include "../port.h"
#include "send_queue.h"

namespace frameport {

// The parts that only a connection with a full socket needs: the operation in flight and the queue of bytes.
struct Sending {
  Sending(Socket& socket, void* owner) : operation(socket, owner) {}
  SendOperation operation;
  SendQueue queue;
};

// The events that JavaScript has received, and will receive.
enum class ConnectionState : uint8_t {
  free,        // the slot has no user
  connecting,  // `connected` or `connect_failed` is next
  open,
  failing,  // it was never open: `connect_failed` is next, after its last operation
  closing,  // `closed` is next, after its last operation
};

enum class Reading : uint8_t {
  stopped,
  wanted,  // a receive is in flight, or is submitted again when the cancelled one has completed
  ended,   // the peer has ended: no receive follows
};

enum class SendingEnd : uint8_t {
  none,
  wanted,  // waits for the queued bytes
  asked,   // the system was asked for it
};

// The parts of one connection that the port may hold: they keep their address for as long as the engine lives.
struct Connection {
  explicit Connection(uint32_t slot) : slot(slot), receive(socket, this), shutdown(socket, this) {}
  ~Connection() {
    delete connect;
    delete sending;
  }

  const uint32_t slot;
  uint32_t generation = 0;
  // In the list of free ones, or of those whose last operation has completed.
  Link<Connection> link;

  Socket socket;
  ReceiveOperation receive;
  ShutdownOperation shutdown;
  ConnectOperation* connect = nullptr;  // only while connecting
  Sending* sending = nullptr;           // only once a send found no room

  ConnectionState state = ConnectionState::free;
  Reading reading = Reading::stopped;
  SendingEnd sending_end = SendingEnd::none;
  // Operations submitted whose final completion has not been taken.
  uint32_t operations = 0;
  int32_t close_status = 0;
  uint32_t staged = 0;  // 1 + its place among the attempts of a flush that the port has not been asked about yet, or 0

  void move(std::initializer_list<ConnectionState> from, ConnectionState to) {
    check(is_one_of(state, from), "a connection goes from one state to the next and leaves none out");
    state = to;
  }
  bool is_free() const { return state == ConnectionState::free; }
  bool is_closing() const { return state == ConnectionState::failing || state == ConnectionState::closing; }
  size_t queued() const { return sending == nullptr ? 0 : sending->queue.length(); }
};

enum class ListenerState : uint8_t { free, listening, closing };

struct ListenerRecord {
  explicit ListenerRecord(uint32_t slot) : slot(slot), accept(socket, this) {}

  const uint32_t slot;
  uint32_t generation = 0;
  // In the list of free ones, or of those whose accept has completed.
  Link<ListenerRecord> link;

  Socket socket;
  AcceptOperation accept;
  ListenerState state = ListenerState::free;

  void move(std::initializer_list<ListenerState> from, ListenerState to) {
    check(is_one_of(state, from), "a listener goes from one state to the next and leaves none out");
    state = to;
  }
  bool is_free() const { return state == ListenerState::free; }
  bool is_closing() const { return state == ListenerState::closing; }
};

}  // namespace frameport

#endif  // FRAMEPORT_ENGINE_CONNECTION_H_
