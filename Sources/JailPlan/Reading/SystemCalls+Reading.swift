// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

extension JailPlan.SystemCalls {
    init(reading value: PlanValue) throws(PlanError) {
        self = try value.oneOf { (name, calls) throws(PlanError) -> JailPlan.SystemCalls? in
            switch name {
            case "policy": .policy(try .init(reading: calls["_0"]))
            case "compiled": .compiled(try .init(reading: calls["_0"]))
            default: nil
            }
        }
    }
}

extension JailPlan.SystemCallPolicy {
    /// Reads a policy by itself, or as a plan has it under `systemCalls`.
    package init(json: [UInt8]) throws(JailFailure) {
        do throws(PlanError) {
            self = try Self.read(json)
        } catch {
            throw JailFailure(stage: "seccomp", action: "this is no system call policy as plans have it: \(error)")
        }
    }

    private static func read(_ json: [UInt8]) throws(PlanError) -> JailPlan.SystemCallPolicy {
        var parser = PlanParser(bytes: json)
        let document = PlanValue(value: try parser.document(), path: "")
        var isWhole = false
        if case .object(let members) = document.value { isWhole = members.count == 1 }
        guard isWhole else { return try JailPlan.SystemCallPolicy(reading: document) }
        switch try JailPlan.SystemCalls(reading: document) {
        case .policy(let policy): return policy
        case .compiled: throw PlanError(description: "these are compiled filters already")
        }
    }

    init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (policy) throws(PlanError) in
            .init(
                allowed: try policy["allowed"].strings(), refused: try policy["refused"].strings(),
                refusal: try .init(reading: policy["refusal"]),
                rules: try policy["rules"].array(JailPlan.SystemCallRule.init(reading:)),
                socketFamilies: try policy.optional("socketFamilies")?.array { (family) throws(PlanError) in
                    try family.integer()
                }, log: try policy["log"].bool(), guardsListening: try policy["guardsListening"].bool(),
                observes: try policy["observes"].bool())
        }
    }
}

extension JailPlan.Refusal {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.oneOf { (name, refusal) throws(PlanError) -> JailPlan.Refusal? in
            switch name {
            case "errno": .errno(try refusal["_0"].integer())
            case "kill": .kill
            default: nil
            }
        }
    }
}

extension JailPlan.SystemCallRule {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (rule) throws(PlanError) in
            .init(
                call: try rule["call"].string(), action: try Action(reading: rule["action"]),
                conditions: try rule["conditions"].array(Condition.init(reading:)))
        }
    }
}

extension JailPlan.SystemCallRule.Action {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.oneOf { (name, action) throws(PlanError) -> JailPlan.SystemCallRule.Action? in
            switch name {
            case "allow": .allow
            case "log": .log
            case "refuse": .refuse(try .init(reading: action["_0"]))
            default: nil
            }
        }
    }
}

extension JailPlan.SystemCallRule.Condition {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (condition) throws(PlanError) in
            .init(
                argument: try condition["argument"].integer(),
                comparison: try Comparison(reading: condition["comparison"]),
                value: try condition["value"].integer())
        }
    }
}

extension JailPlan.SystemCallRule.Condition.Comparison {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.oneOf { (name, comparison) throws(PlanError) -> Self? in
            switch name {
            case "equal": .equal
            case "notEqual": .notEqual
            case "less": .less
            case "lessOrEqual": .lessOrEqual
            case "greater": .greater
            case "greaterOrEqual": .greaterOrEqual
            case "equalUnder": .equalUnder(mask: try comparison["mask"].integer())
            default: nil
            }
        }
    }
}

extension JailPlan.CompiledFilters {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (compiled) throws(PlanError) in
            .init(
                machine: try compiled["machine"].string(),
                filters: try compiled["filters"].array { (filter) throws(PlanError) in
                    try filter.object { (filter) throws(PlanError) in
                        .init(program: try filter["program"].string(), notifies: try filter["notifies"].bool())
                    }
                })
        }
    }
}
