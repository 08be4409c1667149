// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>

#include "tools/scenario/lab_settings.h"
#include "traffic/fabric/fabric_plan.h"

namespace railyard {

using ReportError = std::function<void(Place, const std::string&)>;

// Whether agents, addresses and switches fit together and the fabric: every NIC has one port, every port is
// used once, everybody can be reached.
void check_lab(const LabSettings& lab, const FabricPlan& plan, const ReportError& error);

}  // namespace railyard
