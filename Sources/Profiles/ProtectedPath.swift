// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// One element of a profile's `protect`: something that programs of the host's execute or obey by themselves, and that
/// an agent must therefore not write.
struct ProtectedPath: Sendable {
    /// As written.
    var source: String
    /// Absolute; relative ones begin with the workspace.
    var path: Template

    init?(_ text: Located<String>, _ mapping: ConfigurationMapping) {
        source = text.value
        let isAbsolute = ["/", "~", "${"].contains { text.value.hasPrefix($0) }
        guard !isAbsolute else {
            guard let path = mapping.path(text) else { return nil }
            self.path = path
            return
        }
        if case .failure(let fault) = JailPath.normalised("/" + text.value) {
            mapping.problem(text.position, fault.message)
            return nil
        }
        let relative = Located("${workspace}/" + text.value, text.position)
        guard !text.value.isEmpty, let path = Template(relative, allowed: .everywhere, findings: mapping.findings)
        else {
            if text.value.isEmpty { mapping.problem(text.position, "a path cannot be empty") }
            return nil
        }
        self.path = path
    }
}

/// A profile's `credentials`: files of the host's, copied to where the agent alone reads them.
enum Credentials {
    /// As systemd's, but below a directory that only jails have.
    static let directory = "/run/credentials"

    static func read(_ mapping: ConfigurationMapping) -> [String: Template] {
        var credentials: [String: Template] = [:]
        for (name, source) in mapping.texts("credentials") ?? [:] {
            let isName = name.utf8.count <= 255 && !name.hasPrefix(".") && !name.contains("/")
            if !isName || name.unicodeScalars.contains(where: { $0.value < 0x21 }) {
                mapping.problem(
                    source.position, "\"\(name)\" cannot be the name of a credential, which is a file's name")
            }
            credentials[name] = mapping.path(source, normal: JailPath.source)
        }
        return credentials
    }
}
