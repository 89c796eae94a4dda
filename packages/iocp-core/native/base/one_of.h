#ifndef FRAMEPORT_ONE_OF_H_
#define FRAMEPORT_ONE_OF_H_

#include <initializer_list>

namespace frameport {

template <typename Value>
constexpr bool is_one_of(Value value, std::initializer_list<Value> values) {
  for (const Value each : values) {
    if (each == value) return true;
  }
  return false;
}

}  // namespace frameport

#endif  // FRAMEPORT_ONE_OF_H_
