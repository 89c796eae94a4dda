#ifndef FRAMEPORT_FUZZ_MODEL_H_
#define FRAMEPORT_FUZZ_MODEL_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "../native/engine/batch_table.h"
#include "kernel.h"

namespace frameport::fuzz {

// Slot and generation: how a user names a connection or a listener.
struct Name {
  uint32_t slot = 0;
  uint32_t generation = 0;
};

// What a user of the engine can expect of one connection, derived from the calls made and the records seen.
struct Connection {
  enum class State : uint8_t { connecting, open, closing };
  Name name;
  Stream* stream = nullptr;
  State state = State::open;
  bool was_open = false;
  bool receiving = false;
  bool at_rest = false;  // it was not receiving at the last rest
  bool ended = false;
  uint64_t received = 0;
  uint64_t accepted = 0;  // bytes that the engine accepted
  uint64_t queued = 0;    // as the engine last reported it
  uint64_t offered = 0;   // in the current flush
  bool shutdown = false;
  bool close_asked = false;
  bool reset_asked = false;
  bool failed = false;  // a send was answered with an error: only the close may follow
};

struct ListenerModel {
  Name name;
  Stream* stream = nullptr;
  bool accepting = true;
  bool close_asked = false;
};

// The expectations, derived from native/port.h and native/engine/engine.h. The model shares no code with them: like
// JavaScript, it knows only the layout of records and counters.
class Model {
 public:
  Model(Kernel& kernel, const Counters& counters, const uint8_t* memory, size_t memory_bytes)
      : kernel_(kernel), counters_(counters), memory_(memory), memory_bytes_(memory_bytes) {}

  Connection& add(Name name, Stream& stream, Connection::State state);
  ListenerModel& add_listener(Name name, Stream& stream);

  const std::vector<std::unique_ptr<Connection>>& connections() const { return connections_; }
  const std::vector<std::unique_ptr<ListenerModel>>& listeners() const { return listeners_; }
  // Null if there is none.
  Connection* find_at(uint32_t slot) const { return slot < by_slot_.size() ? by_slot_[slot] : nullptr; }
  // Names that are no longer valid.
  const std::vector<Name>& former() const { return former_; }

  // Checks one record. `peer` is the stream of the connection in a record `accepted`, and null otherwise.
  void take(const BatchRecord& record, Stream* peer);
  // Checks the answer to a send of `length` bytes.
  void answered(Connection& connection, uint64_t length, int32_t status, uint64_t queued);
  void asked_to_close(Connection& connection, bool reset);

  // Called when no work is left: checks that each expectation is met.
  void check_rest() const;
  void check_counters() const;

 private:
  Connection& find(const BatchRecord& record, const char* what);
  ListenerModel& find_listener(const BatchRecord& record, const char* what);
  void take_received(const BatchRecord& record);
  void take_end(const BatchRecord& record);
  void take_progress(const BatchRecord& record);
  void take_closed(const BatchRecord& record);
  void take_connected(const BatchRecord& record);
  void take_accepted(const BatchRecord& record, Stream* peer);
  void take_accept_failed(const BatchRecord& record);
  void take_listener_closed(const BatchRecord& record);
  void check_status(const Stream& stream, int32_t status, const char* what) const;
  void check_rest(const Connection& connection) const;
  void check_generation(std::vector<int64_t>& last, Name name);
  void forget(Name name);

  Kernel& kernel_;
  const Counters& counters_;
  const uint8_t* const memory_;
  const size_t memory_bytes_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<ListenerModel>> listeners_;
  std::vector<Connection*> by_slot_;
  std::vector<Name> former_;
  std::vector<int64_t> last_generation_;           // for each slot of connections; -1 before its first use
  std::vector<int64_t> last_listener_generation_;  // the same for listeners
};

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_MODEL_H_
