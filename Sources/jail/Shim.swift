// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux
enum Shim { static func run(_ a: [String]) -> Int32 { 1 } }
