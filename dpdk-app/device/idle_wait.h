// SPDX-License-Identifier: BSD-3-Clause
// How a polling loop waits where there was nothing to do.
#pragma once

#include "traffic/units/quantity.h"

namespace railyard::lab {

class IdleWait {
 public:
  // A delay this short is less than what a virtual device takes anyway, and sleeping it still leaves most of
  // a shared processor to others.
  static constexpr SimTime kShort = SimTime::microseconds(20);
  static constexpr SimTime kLong = SimTime::microseconds(200);  // where nobody waits for an answer

  // By the thread that will wait. In real time nothing of normal priority runs beside it, the kernel's own
  // threads that deliver frames among them: then it sleeps at once, and does not first look out for a while.
  explicit IdleWait(bool real_time);

  void worked(SimTime now) { idle_since_ = now; }
  // Nothing was to do at `now`, and nothing will be before `due` unless frames come: waits for at most
  // `longest`, and not beyond what is due.
  void wait(SimTime now, SimTime due, SimTime longest) const;

 private:
  SimTime spin_;
  SimTime idle_since_;
};

}  // namespace railyard::lab
