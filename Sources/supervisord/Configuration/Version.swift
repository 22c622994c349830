// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

enum Version {
    static let text = "0.1.0"
}
