// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// What to do about something that this host cannot enforce: nothing fails open.
enum Degradation {
    /// Tells the keeper that `name` is missing, if the plan's `degrade` allows it.
    ///
    /// For use inside the jail, where the way to the keeper is open.
    /// - Throws: `failure`, otherwise, with a hint at `degrade`.
    static func goWithout(_ name: String, _ plan: JailPlan, because failure: JailFailure) throws(JailFailure) {
        try allow(name, plan, because: failure)
        try stage("init") { () throws(SystemError) in try ControlMessage.missing(name).send(to: Builder.control) }
    }

    /// The same for the keeper itself, which has nobody to tell.
    static func allow(_ name: String, _ plan: JailPlan, because failure: JailFailure) throws(JailFailure) {
        guard !plan.degrade.contains(name) else { return }
        var failure = failure
        let way = "name \(name) under \"degrade\" in the profile to go without"
        failure.hint = failure.hint.map { "\($0); or \(way)" } ?? way
        throw failure
    }
}
