// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials

/// As much of what an agent changed as one answer has room for.
struct AnswerPage {
    /// In bytes of JSON, with room for what stands around it on the line.
    static let room = ProtocolLimits.maximumDaemonLine - 16 * 1024
    /// So many files are compared for one answer at most.
    static let mostDiffs = 200
    /// Their paths go on a command line.
    private static let mostPathBytes = 128 * 1024

    let total: Int
    private let offset: Int
    private let all: [WorkspaceChange]
    private(set) var changes: [WorkspaceChange] = []
    private(set) var diffs: [AgentChanges.Diff] = []
    private var left = AnswerPage.room

    init(of all: [WorkspaceChange] = [], from offset: Int = 0) {
        self.all = all
        self.offset = min(offset, all.count)
        total = all.count
    }

    var isFirst: Bool { offset == 0 }

    /// Where the next page begins, if there is one.
    var next: Int? { offset + changes.count < total ? offset + changes.count : nil }

    /// As many as there is room for, from the beginning.
    mutating func take<Item: Encodable>(_ items: [Item]) -> [Item] {
        var taken: [Item] = []
        for item in items {
            guard let size = AnswerPage.size(of: item), size <= left else { break }
            left -= size
            taken.append(item)
        }
        return taken
    }

    mutating func takeChanges() { changes = take(Array(all[offset...])) }

    /// The changes of whose diffs there may be room.
    func upcoming(atMost count: Int) -> ArraySlice<WorkspaceChange> {
        var bytes = 0
        return all[offset...].prefix(count).prefix { change in
            bytes += change.base64Path.utf8.count
            return bytes <= AnswerPage.mostPathBytes
        }
    }

    /// Takes changes together with their diffs. The first is always taken, its diff cut if need be: how often could be
    /// asked again, there would be no more room.
    mutating func take(_ wanted: ArraySlice<WorkspaceChange>, _ diffs: [AgentChanges.Diff]) {
        let byPath = Dictionary(diffs.map { ($0.base64Path, $0) }) { first, _ in first }
        for change in wanted {
            guard var diff = byPath[change.base64Path] else {
                // It is no change any more, of a running agent's.
                guard take([change]).count == 1 else { return }
                changes.append(change)
                continue
            }
            let own = AnswerPage.size(of: change) ?? 0
            var size = AnswerPage.size(of: diff) ?? 0
            while changes.isEmpty, own + size > left, diff.bytes.count > 1 {
                diff = diff.cut(to: diff.bytes.count / 2)
                size = AnswerPage.size(of: diff) ?? 0
            }
            guard own + size <= left else { return }
            left -= own + size
            changes.append(change)
            self.diffs.append(diff)
        }
    }

    /// With the comma after it.
    private static func size(of item: some Encodable) -> Int? { try? JSONEncoder().encode(item).count + 1 }
}

extension WorkspaceChange {
    /// Its path as it is.
    var base64Path: String { pathBase64 ?? Data(path.utf8).base64EncodedString() }
}

extension AgentChanges.Diff {
    fileprivate var base64Path: String { pathBase64 ?? Data(path.utf8).base64EncodedString() }
    fileprivate var bytes: [UInt8] { textBase64?.bytes ?? Array(text.utf8) }

    fileprivate func cut(to count: Int) -> AgentChanges.Diff {
        var cut = self
        // Whole characters, so that it stays a text if it is one.
        if textBase64 != nil {
            let bytes = Array(bytes.prefix(count))
            (cut.text, cut.textBase64) = (String(decoding: bytes, as: UTF8.self), Base64Bytes(bytes))
        } else {
            var utf8 = Array(text.utf8.prefix(count))
            while let last = utf8.last, String(validating: utf8, as: UTF8.self) == nil, last >= 0x80 {
                utf8.removeLast()
            }
            cut.text = String(decoding: utf8, as: UTF8.self)
        }
        cut.isCut = true
        return cut
    }
}
