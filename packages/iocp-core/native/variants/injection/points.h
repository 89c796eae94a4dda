#ifndef FRAMEPORT_INJECTION_POINTS_H_
#define FRAMEPORT_INJECTION_POINTS_H_

#include <cstdint>

// Only in the variants `inject`. Every call that the system may refuse is a point. Points are numbered in the order in
// which they are reached after an `arm`, and those whose numbers were armed fail.
namespace frameport::injection {

enum class Point : uint8_t {
  // Of the contract, on every back end.
  listen,
  open,
  associate,
  submit_accept,
  submit_connect,
  submit_receive,
  submit_send,
  submit_shutdown,
  try_send_without_room,
  try_send_in_part,
  // Of the addon, on every system.
  allocation,
  threadsafe_function,
  // Of the system, where the linker finds such calls.
  thread,
  descriptor,
  socket,
  accept,
  receive,
  send,
  watch,
  map,
  ring_setup,
  ring_register,
  ring_enter,
  connect,
  cancel,
  // Not a refusal: the socket looks as if a layered provider were between it and the system.
  layered_provider,
  // Not a refusal either: Wine passes for Windows.
  wine,
};
constexpr uint32_t kPoints = 27;

const char* name_of(Point point);

// The points numbered from `first` to `last` fail from now on; the first one reached has the number 1.
void arm(uint32_t first, uint32_t last);
// The next `count` points of one kind fail, in addition to those armed by number. False if there is no such kind.
bool arm_kind(const char* name, uint32_t count);
// No point fails any longer; the counts stay.
void disarm();
// From any thread: counts the point and returns whether it must fail.
bool fails(Point point);

// Since the last `arm`.
uint32_t reached(Point point);
// The name of the first one that failed; null if none has.
const char* first_failed();

}  // namespace frameport::injection

#endif  // FRAMEPORT_INJECTION_POINTS_H_
