// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Values that profiles and launchers share.
extension ConfigurationMapping {
    /// The name of another document.
    func name<Name: LibraryName>(_ key: String) -> Located<Name>? {
        guard let text = string(key) else { return nil }
        guard let name = Name(text.value) else {
            findings.add(text.position, "\"\(text.value)\" cannot be the name of a \(Name.noun): \(Name.rule)")
            return nil
        }
        return Located(name, text.position)
    }

    /// `{NAME: value}` with variables in the values.
    func environment(_ key: String) -> [String: Template] {
        var environment: [String: Template] = [:]
        for (name, value) in texts(key) ?? [:] {
            if !EnvironmentName.isValid(name) {
                findings.add(value.position, "\"\(name)\" cannot be the name of an environment variable")
            }
            environment[name] = Template(value, allowed: .everywhere, findings: findings)
        }
        return environment
    }

    /// A path in the jail, with variables. What can be said of it now is said now, the rest when they have values.
    func path(_ text: Located<String>, allowed: Set<Variable> = .everywhere) -> Template? {
        guard let template = Template(text, allowed: allowed, findings: findings) else { return nil }
        if let literal = template.literal, case .failure(let fault) = JailPath.target(literal) {
            findings.add(text.position, fault.message)
            return nil
        }
        if case .text(let start)? = template.pieces.first, !start.hasPrefix("/") {
            findings.add(text.position, "\"\(text.value)\" is not an absolute path")
            return nil
        }
        return template
    }

    /// Permission bits in octal, three digits, a leading 0 allowed: `022`, `"0600"`.
    func fileMode(_ key: String) -> UInt32? {
        guard let text = string(key) else { return nil }
        let digits = text.value.hasPrefix("0") && text.value.count == 4 ? text.value.dropFirst() : text.value[...]
        guard digits.count == 3, let mode = UInt32(digits, radix: 8), !digits.hasPrefix("+") else {
            findings.add(text.position, "\"\(key)\" is three octal digits such as 022, not \"\(text.value)\"")
            return nil
        }
        return mode
    }

    func hostname(_ key: String) -> String? {
        guard let text = string(key) else { return nil }
        guard Hostname.isValid(text.value) else {
            findings.add(
                text.position, "\"\(text.value)\" cannot be a host name: up to 64 of a-z, A-Z, 0-9, - and .")
            return nil
        }
        return text.value
    }

    /// A number of processors, at most two decimals: `2`, `0.5`.
    func processors(_ key: String) -> Located<String>? {
        guard let text = string(key) else { return nil }
        let parts = text.value.split(separator: ".", omittingEmptySubsequences: false)
        let whole = ConfigurationScalar.integer(String(parts[0])).map { (0...4096).contains($0) } ?? false
        let fraction = parts.dropFirst().first.map { (1...2).contains($0.count) && $0.utf8.allSatisfy(isDigit) } ?? true
        let positive = text.value.utf8.contains { (0x31...0x39).contains($0) }
        guard whole, fraction, positive, parts.count <= 2 else {
            findings.add(text.position, "\"\(key)\" is a number of processors such as 2 or 0.5, not \"\(text.value)\"")
            return nil
        }
        return text
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

enum EnvironmentName {
    /// Letters, digits and `_`, not beginning with a digit: what every shell can read.
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy {
            isDigit($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
        }
    }
}

enum Hostname {
    /// HOST_NAME_MAX is 64 on Linux.
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != 0x2D, first != 0x2E, name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy {
            isDigit($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x2E
        }
    }

    /// An agent's name as a host name.
    static func from(agent: String) -> String {
        let name = String(agent.prefix(64).map { Hostname.isValid("a\($0)") ? $0 : "-" })
        return isValid(name) ? name : "jail"
    }
}
