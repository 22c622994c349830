// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux
import Profiles

/// The configuration's `access`: who has which role. Of the rules that name somebody the first one counts.
struct AccessRules: Sendable, Equatable {
    /// One element of the list.
    struct Rule: Sendable, Equatable {
        var users: Set<String> = []
        var groups: Set<String> = []
        var grant: Grant

        /// Names, or numbers as text for those that the host has no name for.
        func names(_ user: Person) -> Bool {
            !users.isDisjoint(with: user.names) || !groups.isDisjoint(with: user.groups)
        }
    }

    /// Somebody as rules can name them.
    struct Person: Sendable, Equatable {
        let uid: UInt32
        /// The user's name, and the number.
        let names: Set<String>
        /// The names and numbers of all groups.
        let groups: Set<String>
    }

    /// Nil where the configuration says nothing: then whom the socket's file mode lets in is an operator.
    var rules: [Rule]?
    /// Whose daemon it is. Root and this user are administrators, whatever the rules say.
    var daemon: UInt32

    /// Nil for somebody who is to be refused.
    func grant(to person: Person) -> Grant? {
        if let grant = grant(toAnyone: person.uid) { return grant }
        return rules?.first { $0.names(person) }?.grant
    }

    /// What does not depend on anyone's name; nil where the rules decide.
    func grant(toAnyone uid: UInt32) -> Grant? {
        if uid == 0 || uid == daemon { return .everything }
        return rules == nil ? Grant(role: .operator, seesAll: false) : nil
    }

    /// What an agent's owner may do, where no client of theirs asks: when the agent is run again. Nil for one who is to be
    /// refused. Fails when the user database cannot be asked. Blocks.
    ///
    /// - Parameter groups: those that the client had who started the agent, besides the user's in the database.
    func grant(to owner: PlanRequest.Owner, groups: Set<UInt32>) throws(SystemError) -> Grant? {
        if let grant = grant(toAnyone: owner.uid) { return grant }
        return grant(to: try Users.person(owner.uid, groups: groups.union(owner.groups + [owner.gid])))
    }

    static func read(_ mapping: ConfigurationMapping) -> [Rule]? {
        mapping.list("access") { element in
            mapping.mapping(element, "a rule such as {role: operator, groups: [agents]}", rule) ?? nil
        }
    }

    private static func rule(_ mapping: ConfigurationMapping) -> Rule? {
        let role = mapping.choice("role", of: Role.self)?.value
        let agents = mapping.choice("agents", of: Visible.self)?.value
        let users = Set(mapping.strings("users")?.map(\.value) ?? [])
        let groups = Set(mapping.strings("groups")?.map(\.value) ?? [])
        let bounds = RequestBounds.read(mapping)
        guard let role else {
            mapping.problem(mapping.position, "the rule has no role: viewer, operator or admin")
            return nil
        }
        if users.isEmpty, groups.isEmpty {
            mapping.problem(mapping.position, "the rule names neither users nor groups, and so nobody")
        }
        if role != .operator, bounds != RequestBounds() {
            mapping.problem(mapping.position, "only operators have bounds: a viewer starts nothing, an admin has none")
        }
        return Rule(
            users: users, groups: groups,
            grant: Grant(role: role, seesAll: role == .admin || agents == .all, bounds: bounds))
    }

    /// Whose agents are to be seen.
    private enum Visible: String, CaseIterable {
        case own
        case all
    }
}
