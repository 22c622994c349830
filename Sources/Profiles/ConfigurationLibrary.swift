// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// One file's part of a document that may extend another.
protocol ConfigurationLayer: Sendable {
    associatedtype Name: LibraryName
    var extends: Located<Name>? { get }
    static func read(_ mapping: ConfigurationMapping) -> Self
    func layered(over base: Self) -> Self
}

/// YAML files by name in a list of directories, of which the first that has a name wins.
struct ConfigurationLibrary<Layer: ConfigurationLayer>: Sendable {
    typealias Name = Layer.Name

    let directories: [String]

    /// Longer chains are nobody's intention, and a chain of symbolic links to one file has no other end.
    private static var maximumChain: Int { 16 }

    /// Every name in any directory, sorted.
    func names() -> [Name] {
        let names = directories.flatMap(HostFile.names(in:)).compactMap { file in
            file.hasSuffix(".yaml") ? Name(String(file.dropLast(5))) : nil
        }
        return Set(names).sorted()
    }

    func file(of name: Name) -> String? {
        directories.lazy.map { "\($0)/\(name).yaml" }.first(where: HostFile.isFile)
    }

    /// The layers of a document, the outermost first, and the findings in all of them.
    ///
    /// - Throws: when there is no file of that name.
    func chain(named name: Name) throws(ProfileProblems) -> Chain {
        guard let file = file(of: name) else {
            let place = directories.isEmpty ? "no directory is set" : directories.joined(separator: ", ")
            throw ProfileProblems(
                SourcePosition(file: "\(name).yaml"),
                "there is no \(Name.noun) \"\(name)\" (looked in \(place))"
                    + suggestion(for: name.rawValue, among: names().map(\.rawValue)))
        }
        return chain(file: file, called: name.rawValue)
    }

    /// - Parameter text: what the first file says, where it need not be there.
    func chain(file: String, called name: String, text: String? = nil) -> Chain {
        var chain = Chain()
        var next: (file: String, name: String)? = (file, name)
        while let (file, name) = next {
            next = nil
            chain.names.append(name)
            chain.files.append(file)
            let document: ConfigurationDocument
            do {
                if chain.files.count == 1, let text {
                    document = try ConfigurationDocument(text: text, file: file)
                } else {
                    document = try ConfigurationDocument(file: file)
                }
            } catch {
                chain.problems += error.problems
                chain.isWhole = false
                break
            }
            let findings = Findings()
            let layer = document.decode(findings, Layer.read)
            chain.layers.append(layer)
            chain.documents.append(document)
            if let base = layer.extends {
                next = follow(base, from: chain, findings)
                chain.isWhole = next != nil
            }
            chain.problems += findings.sorted
        }
        return chain
    }

    private func follow(_ base: Located<Name>, from chain: Chain, _ findings: Findings) -> (String, String)? {
        let named = (chain.names + [base.value.rawValue]).joined(separator: " → ")
        guard let file = file(of: base.value) else {
            findings.add(
                base.position,
                "there is no \(Name.noun) \"\(base.value)\" to extend"
                    + suggestion(for: base.value.rawValue, among: names().map(\.rawValue)))
            return nil
        }
        // A text that is to become a file has its name, and no path yet.
        guard !chain.files.contains(file), chain.names.first != base.value.rawValue || chain.files.first == file else {
            findings.add(base.position, "the \(Name.noun) extends itself: \(named)")
            return nil
        }
        guard chain.files.count < Self.maximumChain else {
            findings.add(base.position, "more than \(Self.maximumChain) \(Name.noun)s extend each other: \(named)")
            return nil
        }
        return (file, base.value.rawValue)
    }

    struct Chain {
        var names: [String] = []
        var files: [String] = []
        var layers: [Layer] = []
        /// What the layers were read from, while nothing is laid over them.
        var documents: [ConfigurationDocument] = []
        var problems: [ProfileProblem] = []

        /// Whether every document that it takes could be read; if not, what is missing may be in there.
        var isWhole = true

        /// The layers in one, whatever is wrong with them. Of a chain without layers there is nothing.
        var merged: Layer? {
            layers.last.map { base in layers.dropLast().reversed().reduce(base) { $1.layered(over: $0) } }
        }

        /// Lays pieces over it, each the text of a document that would extend it; of several the last wins.
        mutating func lay(over settings: [String]) {
            for (number, text) in settings.enumerated() {
                let label = settings.count > 1 ? "--set \(number + 1)" : "--set"
                files.append(label)
                do {
                    let document = try ConfigurationDocument(text: text, file: label)
                    let findings = Findings()
                    let layer = document.decode(findings, Layer.read)
                    if let base = layer.extends {
                        findings.add(base.position, "a piece of a \(Name.noun) extends nothing")
                    }
                    layers.insert(layer, at: 0)
                    problems += findings.sorted
                } catch {
                    problems += error.problems
                    isWhole = false
                }
            }
        }

        /// All findings with these further ones, file after file from top to bottom.
        func problems(and findings: Findings) -> [ProfileProblem] {
            let order = Dictionary(files.enumerated().map { ($0.element, $0.offset) }) { one, _ in one }
            return (problems + findings.problems).enumerated().sorted { one, other in
                (order[one.element.file] ?? 0, one.element.line, one.element.column, one.offset)
                    < (order[other.element.file] ?? 0, other.element.line, other.element.column, other.offset)
            }.map(\.element)
        }
    }
}
