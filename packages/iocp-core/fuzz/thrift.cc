#include "thrift.h"

#include <errno.h>

#include <algorithm>

#include "failure.h"
#include "kernel.h"
#include "model.h"

namespace frameport::fuzz {

namespace {

// While a gather has no record for the user, the engine calls `wait` again, a few times.
constexpr uint32_t kWaitsInGather = 4;

bool is_gone(const Stream& stream) { return stream.end_arrived || stream.broken || stream.error != 0; }

// Whether an error has told the engine to close the connection. The user learns of it only when it is closed.
bool may_be_closing(const Kernel& kernel, const Stream& stream) {
  const bool was_told =
      std::any_of(stream.told.begin(), stream.told.end(), [](int status) { return status != ECANCELED; });
  return was_told || kernel.memory_was_refused() || kernel.completion_was_lost();
}

bool has_input(Kernel& kernel, const Stream& stream) {
  if (kernel.only_ring() == nullptr) return (stream.watched_for & EPOLLIN) != 0;
  return stream.input_requested || (stream.without_buffer && !kernel.only_ring()->has_buffer());
}

bool has_output(Kernel& kernel, const Stream& stream) {
  return kernel.only_ring() == nullptr ? (stream.watched_for & EPOLLOUT) != 0 : stream.output_requested;
}

}  // namespace

MayEnter::MayEnter(Kernel& kernel) : kernel_(kernel) { kernel_.set_may_enter(true); }

MayEnter::~MayEnter() { kernel_.set_may_enter(false); }

void check_enter(const Kernel& kernel, uint32_t submit, uint32_t wait_for, bool gets_events, bool has_work) {
  if (!kernel.may_enter() && !kernel.is_asleep()) {
    fail("io_uring_enter is called for a port that is awake, and neither waits nor sends");
  }
  // A port that breaks down calls until the kernel has none of its requests.
  const bool is_needed = submit > 0 || wait_for > 0 || has_work || kernel.completion_was_lost();
  if (gets_events && !is_needed) fail("io_uring_enter is called with nothing to submit and nothing to collect");
}

void check_audible(const Kernel& kernel) {
  if (!kernel.is_asleep()) fail("the eventfd is counted up for a port that is awake");
}

void Resubmissions::ended(Stream& stream, bool is_input, int32_t result, uint32_t number) {
  if (result == -ENOBUFS && is_input) {
    stream.without_buffer = true;
    return;
  }
  const bool passes = result == -EAGAIN || result == -EINTR || (!is_input && result == -ENOBUFS);
  const bool goes_on = is_input && (result > 0 || result == -ECANCELED);
  if (passes || goes_on) in_passing_.push_back({&stream, is_input, number});
}

void Resubmissions::submitted(Stream& stream, bool is_input) {
  const auto is_this = [&](const Ended& each) { return each.stream == &stream && each.is_input == is_input; };
  in_passing_.erase(std::remove_if(in_passing_.begin(), in_passing_.end(), is_this), in_passing_.end());
  if (!is_input) return;
  // A receive that its user stopped and started again does not have to wait for its turn.
  if (stream.without_buffer && stream.input_stopped == 0 && turns_-- == 0) {
    fail("connection %u: its receive found no buffer, and is submitted before its turn", stream.id);
  }
  stream.without_buffer = false;
  if (stream.input_stopped > 0) stream.input_stopped--;
  stream.look_unanswered = false;
}

void Resubmissions::begin_gather(uint32_t buffers) {
  // A receive whose turn has come may still wait for room in the submission queue.
  const auto& live = kernel_.live();
  const auto starved = std::count_if(live.begin(), live.end(), [](const Stream* each) { return each->without_buffer; });
  turns_ = std::min(turns_, static_cast<uint32_t>(starved)) + kWaitsInGather * buffers;
}

void Resubmissions::check_handed_over(uint32_t read) {
  if (kernel_.completion_was_lost()) return;
  for (const Ended& each : in_passing_) {
    const Stream& stream = *each.stream;
    const bool may_end = stream.closed || stream.input_stopped > 0 || may_be_closing(kernel_, stream);
    if (each.number < read && !may_end) fail("connection %u: what the kernel ended is not submitted anew", stream.id);
  }
}

void check_cancel(const Kernel& kernel, const Stream& stream) {
  if (stream.input_stopped > 0 || stream.look_unanswered || is_gone(stream) || may_be_closing(kernel, stream)) return;
  fail("connection %u: the kernel is asked to end its receive, and nothing calls for that", stream.id);
}

void note_failed_look(Kernel& kernel, const pollfd* watched, nfds_t count) {
  for (nfds_t index = 0; index < count; index++) {
    if (Stream* stream = kernel.find_stream(watched[index].fd)) stream->look_unanswered = true;
  }
}

void check_asleep(Kernel& kernel, const Model& model) {
  for (const auto& connection : model.connections()) {
    const Stream& stream = *connection->stream;
    if (connection->close_asked || connection->failed || may_be_closing(kernel, stream)) continue;
    const bool receives = connection->receiving && !connection->ended;
    if (receives && !has_input(kernel, stream)) fail("connection %u: its receive is kept back", stream.id);
    const bool sends = connection->queued > 0 || connection->state == Connection::State::connecting;
    if (sends && !has_output(kernel, stream)) fail("connection %u: its send or connect is kept back", stream.id);
  }
  for (const auto& listener : model.listeners()) {
    const bool accepts = listener->accepting && !listener->close_asked;
    if (accepts && !has_input(kernel, *listener->stream)) {
      fail("listener %u: its accept is kept back", listener->stream->id);
    }
  }
}

}  // namespace frameport::fuzz
