// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

extension Methods {
    static func discover(_ params: Nothing, _ call: Call) async throws -> JSONValue {
        try document.get()
    }

    /// Made when somebody asks for it first, which takes some milliseconds, and always the same.
    private static let document = Result { try OpenRPCDocument().json }
}
