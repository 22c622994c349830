// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials

/// Python's packages for tests, where scripts/fetch-python-tools has put them.
enum PythonTools {
    static let path = ProcessInfo.processInfo.environment["AGENT_SUPERVISOR_PYTHON_TOOLS"]
}
