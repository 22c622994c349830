// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Values that profiles and launchers share.
extension ConfigurationMapping {
    /// The name of another document.
    func name<Name: LibraryName>(_ key: String) -> Located<Name>? {
        guard let text = string(key, as: .text(pattern: "^[a-z0-9][a-z0-9._-]{0,63}$")) else { return nil }
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
    ///
    /// - Parameter normal: what a path of this kind has to be.
    func path(
        _ text: Located<String>, allowed: Set<Variable> = .everywhere,
        normal: (String) -> Result<String, PathFault> = JailPath.target
    ) -> Template? {
        guard let template = Template(text, allowed: allowed, findings: findings) else { return nil }
        if let literal = template.literal, case .failure(let fault) = normal(literal) {
            findings.add(text.position, fault.message)
            return nil
        }
        if case .text(let start)? = template.pieces.first, !start.hasPrefix("/") {
            findings.add(text.position, "\"\(text.value)\" is not an absolute path")
            return nil
        }
        return template
    }

    /// Permission bits in octal, three digits, a leading 0 allowed: `022`, `"0600"`; with `sticky` also a leading 1.
    func fileMode(_ key: String, sticky: Bool = false) -> UInt32? {
        guard let text = string(key, as: .text(pattern: sticky ? "^[01]?[0-7]{3}$" : "^0?[0-7]{3}$")) else {
            return nil
        }
        let digits = text.value.utf8
        let leads = digits.count == 4 ? digits.first == 0x30 || (sticky && digits.first == 0x31) : digits.count == 3
        guard leads, digits.allSatisfy({ (0x30...0x37).contains($0) }), let mode = UInt32(text.value, radix: 8) else {
            let example = sticky ? "700 or 1777" : "022"
            findings.add(
                text.position, "\"\(key)\" is three octal digits such as \(example), not \"\(text.value)\"")
            return nil
        }
        return mode
    }

    func hostname(_ key: String) -> String? {
        guard let text = string(key, as: .text(pattern: "^[a-zA-Z0-9][a-zA-Z0-9.-]{0,63}$")) else { return nil }
        guard Hostname.isValid(text.value) else {
            findings.add(
                text.position, "\"\(text.value)\" cannot be a host name: up to 64 of a-z, A-Z, 0-9, - and .")
            return nil
        }
        return text.value
    }

    /// A number with at most two decimals: `2`, `0.25`.
    func decimal(_ key: String, in range: ClosedRange<Int64>) -> Double? {
        guard let text = string(key, as: .decimal(range)) else { return nil }
        let parts = text.value.split(separator: ".", omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1] : "0"
        guard parts.count <= 2, ConfigurationScalar.integer(String(parts[0])) != nil, (1...2).contains(decimals.count),
            decimals.utf8.allSatisfy(isDigit), let number = Double(text.value),
            number >= Double(range.lowerBound), number <= Double(range.upperBound)
        else {
            findings.add(
                text.position,
                "\"\(key)\" is a number from \(range.lowerBound) to \(range.upperBound) with at most two decimals, "
                    + "not \"\(text.value)\"")
            return nil
        }
        return number
    }

    /// A number of processors in hundredths, written with at most two decimals: `2`, `0.5`.
    func processors(_ key: String) -> UInt64? {
        guard let text = string(key, as: .decimal(0...4096)) else { return nil }
        let parts = text.value.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard parts.count <= 2, let whole = ConfigurationScalar.integer(String(parts[0])), (0...4096).contains(whole),
            (1...2).contains(fraction.count), fraction.utf8.allSatisfy(isDigit), let decimals = UInt64(fraction),
            whole > 0 || decimals > 0
        else {
            findings.add(text.position, "\"\(key)\" is a number of processors such as 2 or 0.5, not \"\(text.value)\"")
            return nil
        }
        return UInt64(whole) * 100 + (fraction.count == 1 ? decimals * 10 : decimals)
    }

    /// A duration longer than nothing, in milliseconds.
    func positiveDuration(_ key: String) -> Located<Int64>? {
        guard let duration = duration(key) else { return nil }
        guard duration.value > .zero else {
            findings.add(duration.position, "\"\(key)\" cannot be zero; leave it out for no limit")
            return nil
        }
        return Located(duration.value.milliseconds, duration.position)
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
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
