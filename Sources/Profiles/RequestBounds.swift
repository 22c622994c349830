// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// What the operator of a host grants somebody's agents at most, whatever profile and request say.
package struct RequestBounds: Sendable, Equatable {
    /// The profiles that may be used; nil for all.
    package var profiles: Set<ProfileName>?
    /// Directories below which workspaces have to lie; nil for anywhere.
    var workspaces: [Template]?
    var limits = LimitsSection()
    var timeouts = TimeoutsSection()

    package init() {}

    /// What it bounds, by the names of a profile's `degrade`: the profile cannot have it do without.
    var names: Set<String> {
        let resources = limits.resources
        let bounded: [(String, Bool)] = [
            ("limits.memory", resources.memory != nil), ("limits.swap", resources.swap != nil),
            ("limits.cpu", resources.processors != nil), ("limits.pids", resources.processes != nil),
            ("timeouts.wall", timeouts.wall != nil), ("timeouts.cpu", timeouts.cpu != nil),
            ("timeouts.idle", timeouts.idle != nil), ("timeouts.start", timeouts.start != nil),
        ]
        return Set(bounded.filter(\.1).map(\.0))
    }

    package static func read(_ mapping: ConfigurationMapping) -> RequestBounds {
        var bounds = RequestBounds()
        bounds.profiles = mapping.strings("profiles").map { names in
            Set(
                names.compactMap { name in
                    if let name = ProfileName(name.value) { return name }
                    mapping.problem(name.position, "\"\(name.value)\" cannot be the name of a profile")
                    return nil
                })
        }
        bounds.workspaces = mapping.strings("workspaces").map { roots in roots.compactMap { root($0, mapping) } }
        bounds.limits = mapping.mapping("limits", LimitsSection.readRequestable) ?? .init()
        bounds.timeouts = mapping.mapping("timeouts", TimeoutsSection.read) ?? .init()
        return bounds
    }

    private static func root(_ text: Located<String>, _ mapping: ConfigurationMapping) -> Template? {
        let root = Template(text, allowed: [.home, .user], findings: mapping.findings)
        let steps = text.value.split(separator: "/", omittingEmptySubsequences: false)
        if !text.value.hasPrefix("/"), steps.first != "${home}" {
            mapping.problem(
                text.position, "\"\(text.value)\" is not an absolute path, and does not begin with ${home}/")
        }
        if steps.contains("..") { mapping.problem(text.position, "\"\(text.value)\" has .. in it") }
        return root
    }
}
