// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser

/// Whom a command's output is for.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}
