// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// A launcher's `ready`: how its agent shows that it is.
enum ReadinessSection {
    static func read(_ mapping: ConfigurationMapping) -> JailPlan.Readiness? {
        let output = mapping.boolean("output")
        let line = mapping.string("line")
        let json = mapping.texts("json")
        let request = mapping.string("request")
        if let request, request.value.contains("\n") || request.value.utf8.contains(0) {
            mapping.problem(request.position, "a request is one line")
        }
        if let output, !output.value {
            mapping.problem(output.position, "\"output\" can only be true; leave \"ready\" out for none")
        }
        let given = [output != nil, line != nil, json != nil].count { $0 }
        guard given == 1 else {
            mapping.problem(
                mapping.position, "\"ready\" has one of output: true, line: \"pattern*\" and json: {member: value}")
            return nil
        }
        let sign: JailPlan.Readiness.Sign =
            if let line {
                .line(pattern: line.value)
            } else if let json {
                .json(members: json.mapValues(\.value))
            } else {
                .output
            }
        return .init(request: request?.value, sign: sign)
    }
}
