#ifndef FRAMEPORT_ENGINE_ENGINE_H_
#define FRAMEPORT_ENGINE_ENGINE_H_

#include <cstdint>

#include "../base/linked_list.h"
#include "../port.h"
#include "batch_table.h"
#include "connection.h"
#include "slots.h"

namespace frameport {

// Memory shared with JavaScript. It belongs to the caller and outlives the engine's use of it.
struct EngineMemory {
  const uint8_t* received;
  BatchRecord* records;
  uint32_t record_count;
  SendEntry* entries;
  uint32_t entry_count;
  uint8_t* arena;
  uint32_t arena_bytes;
  Counters* counters;
};

// A slot and generation, or the error number.
struct Opened {
  int32_t status = 0;
  uint32_t slot = 0;
  uint32_t generation = 0;
};

// Turns calls into operations and completions into records, in the same way above every port. It keeps the states of
// connections and listeners, one send in flight for each connection, and the order of closing: cancel, await the
// completions, close the descriptor, release, notify.
class Engine {
 public:
  Engine(Port& port, const EngineMemory& memory);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Opened listen(const Address& address, const ListenOptions& options);
  Opened connect(const Address& address, const SocketOptions& options);
  // Accepting stops if resources run out; this resumes it. Returns 0 or the error number.
  int32_t accept_start(uint32_t slot, uint32_t generation);
  void close_listener(uint32_t slot, uint32_t generation);

  void receive_start(uint32_t slot, uint32_t generation);
  void receive_stop(uint32_t slot, uint32_t generation);
  // Takes all bytes. Returns how many the engine still owns; `status` says why a connection is broken.
  size_t send(uint32_t slot, uint32_t generation, const SendPart* parts, uint32_t count, int32_t& status);
  void shutdown(uint32_t slot, uint32_t generation);
  void close_connection(uint32_t slot, uint32_t generation, bool reset);

  // Sends the first `entries` entries of the arena and writes the answers. Returns whether a gather has work.
  bool flush(uint32_t entries);
  // Readers of the last batch are done with its bytes.
  void release_batch();
  // Fills the table with the available completions. Returns the number of records.
  uint32_t gather();
  bool has_work() const { return !finishing_.is_empty() || !finishing_listeners_.is_empty() || port_.has_ready(); }

  // False if a gather already has records; otherwise the port's wait source will show them.
  bool try_sleep() { return !has_work() && port_.try_sleep(); }

  int32_t local_address(uint32_t slot, uint32_t generation, Address& address) const;
  int32_t remote_address(uint32_t slot, uint32_t generation, Address& address) const;
  int32_t listener_address(uint32_t slot, uint32_t generation, Address& address) const;

  // Closes everything now, without notifications, for an environment that is ending.
  void stop();

 private:
  static constexpr uint32_t kCompletionsMax = 512;
  static constexpr uint32_t kAttemptsMax = 1024;

  // The bytes of one connection in the arena, before the kernel gets them.
  struct StagedSend {
    Connection* connection;
    SendEntry* first;
    SendEntry* last;
    uint32_t part_count;
    SendPart parts[kSendPartsMax];
  };

  void take(const Completion& completion);
  void take_accept(ListenerRecord& listener, const Completion& completion);
  void take_connect(Connection& connection, const Completion& completion);
  void take_receive(Connection& connection, const Completion& completion);
  void take_send(Connection& connection, const Completion& completion);
  void final_completion(Connection& connection);

  void adopt(ListenerRecord& listener, Handle accepted);
  Connection* take_connection(ConnectionState state);
  bool submit(Connection& connection, Operation& operation);
  void stage(SendEntry& entry, const SendPart& part);
  void stage_first(Connection& connection, SendEntry& entry, const SendPart& part);
  void send_staged();
  static void answer(SendEntry& entry, int32_t status, uint64_t queued);
  // Queues the rest of an attempt; a broken connection begins to close.
  void take_rest(Connection& connection, const SendPart* parts, uint32_t count, const SendAttempt& attempt,
                 int32_t& status);
  void drop(const Completion& completion);
  bool queue(Connection& connection, const SendPart* parts, uint32_t count, size_t skip);
  void submit_send(Connection& connection);
  void submit_shutdown(Connection& connection);
  void shutdown_failed(Connection& connection, int32_t status);
  void begin_close(Connection& connection, int32_t status);
  void finish(Connection& connection);
  void finish_listener(ListenerRecord& listener);
  void free_listener(ListenerRecord& listener);
  void free_connection(Connection& connection);

  Port& port_;
  BatchTable table_;
  const EngineMemory memory_;
  Counters& counters_;
  Slots<Connection> connections_;
  Slots<ListenerRecord> listeners_;
  // Closing, with nothing in flight: the next gather closes their descriptors and reports it.
  LinkedList<Connection> finishing_;
  LinkedList<ListenerRecord> finishing_listeners_;
  Completion completions_[kCompletionsMax];
  uint32_t held_[kCompletionsMax];  // buffers with a reader in the current batch
  uint32_t held_count_ = 0;
  SendAttempt attempts_[kAttemptsMax];
  StagedSend staged_[kAttemptsMax];
  uint32_t staged_count_ = 0;
};

}  // namespace frameport

#endif  // FRAMEPORT_ENGINE_ENGINE_H_
