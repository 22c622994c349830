// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import Linux

/// A request and whose it is.
struct Call: Sendable {
    let pending: PendingAnswers.Pending
    let connection: Connection
    let came: ContinuousClock.Instant
    /// What the request's method takes.
    var role = Role.viewer
    /// What is held of its lane until the work is done, and only waiting is left.
    var permit: Turnstile.Permit?

    var supervisor: Supervisor { connection.supervisor }
    var peer: Peer { connection.peer }
}

/// What a request comes to.
struct Reply: Sendable {
    /// Nil for a notification.
    var line: [UInt8]?
    /// Begins once the line has been sent.
    var subscription: (any Subscription)?
}

/// From a request to its method.
enum Dispatch {
    typealias Handler = @Sendable (JSONValue?, Call) async throws -> Answer

    /// A result before it is written, which takes the request's id.
    struct Answer: Sendable {
        let encode: @Sendable (RequestID) -> [UInt8]
        var subscription: (any Subscription)?

        init(_ result: some Encodable & Sendable, _ subscription: (any Subscription)? = nil) {
            encode = { DaemonLine.result(result, to: $0) }
            self.subscription = subscription
        }
    }

    /// Every method that this daemon answers.
    private static let handlers: [String: Handler] = Dictionary(
        uniqueKeysWithValues: [
            method(Initialize.self, Methods.initialize),
            method(AgentStart.self, Methods.start),
            method(AgentList.self, Methods.list),
            method(AgentGet.self, Methods.get),
            method(AgentUsage.self, Methods.usage),
            method(AgentChanges.self, Methods.changes),
            method(AgentApply.self, Methods.apply),
            method(AgentDiscard.self, Methods.discard),
            method(AgentInput.self, Methods.input),
            method(AgentResize.self, Methods.resize),
            method(AgentSignal.self, Methods.signal),
            method(AgentStop.self, Methods.stop),
            method(AgentKill.self, Methods.kill),
            method(AgentWait.self, Methods.wait),
            method(AgentRemove.self, Methods.remove),
            method(AgentLogs.self, Methods.logs),
            stream(AgentAttach.self, Methods.attach),
            method(AgentDetach.self, Methods.detach),
            method(AgentScreen.self, Methods.screen),
            method(AgentViewport.self, Methods.viewport),
            method(AgentRestart.self, Methods.restart),
            method(AgentPause.self, Methods.pause),
            method(AgentResume.self, Methods.resume),
            method(EventsList.self, Methods.events),
            stream(EventsSubscribe.self, Methods.subscribeToEvents),
            method(ProfileList.self, Methods.profiles),
            method(ProfileGet.self, Methods.profile),
            method(ProfileCheck.self, Methods.checkProfile),
            method(LauncherList.self, Methods.launchers),
            method(SupervisorStatus.self, Methods.status),
            method(SupervisorMetrics.self, Methods.metrics),
            method(SupervisorReload.self, Methods.reload),
            method(SupervisorDrain.self, Methods.drain),
            method(SupervisorDoctor.self, Methods.doctor),
            method(RPCCancel.self, Methods.cancel),
            method(RPCDiscover.self, Methods.discover),
        ])

    static var names: [String] { handlers.keys.sorted() }

    /// What a request is counted as: clients could make up any number of names.
    static func name(of request: RequestEnvelope) -> String {
        handlers[request.method] == nil ? "unknown" : request.method
    }

    /// Whether requests of this method are carried out one after another, as they came: what is typed must not be
    /// jumbled.
    static func isOrdered(_ method: String) -> Bool {
        [AgentInput.name, AgentResize.name, AgentSignal.name, AgentViewport.name].contains(method)
    }

    /// Whether an answer can take as long as an agent likes.
    static func waits(_ method: String) -> Bool {
        [
            AgentStart.name, AgentStop.name, AgentKill.name, AgentWait.name, AgentRestart.name, AgentRemove.name,
            SupervisorDrain.name,
        ].contains(method)
    }

    /// What a request has to pass before it is carried out, so that nobody's requests keep the daemon from others.
    enum Lane {
        /// Nothing: it is cheap, or waits for what an agent does.
        case free
        /// A few of one user's at a time.
        case ordinary
        /// It reads files.
        case costly
        /// It runs programs for seconds, and its answer is short.
        case examination
        /// The same, before it waits for an agent.
        case planning
        /// It works on an overlay, which may take minutes.
        case overlay
        /// Its answer can be as long as a line may be.
        case bulky
        /// The same, and what makes it may be kept busy by a hostile agent: others of the user do not wait with it.
        case screen

        /// Whether a connection's answers are made one at a time, when the client has room for them.
        var isLong: Bool { self == .costly || self == .bulky || self == .screen }
    }

    static func lane(of method: String) -> Lane {
        switch method {
        case AgentList.name, AgentLogs.name, EventsList.name: .bulky
        case AgentScreen.name: .screen
        case AgentChanges.name, AgentApply.name, AgentDiscard.name: .overlay
        case ProfileList.name, ProfileGet.name, ProfileCheck.name, LauncherList.name, SupervisorMetrics.name,
            RPCDiscover.name:
            .costly
        case SupervisorDoctor.name: .examination
        case AgentStart.name, AgentRestart.name: .planning
        // Ends when the client has been told, which may not read.
        case AgentDetach.name, RPCCancel.name: .free
        default: isOrdered(method) || waits(method) ? .free : .ordinary
        }
    }

    /// What takes long is done before an answer is made, as this connection makes one at a time. Returns the answer where
    /// it fails.
    static func prepare(_ request: RequestEnvelope, _ call: Call) async -> Reply? {
        do {
            try await Methods.prepareScreen(AgentScreen.params(from: request.params), call.allowed(AgentScreen.self))
            return nil
        } catch {
            let error = ProtocolError(describing: error)
            call.count(request, error)
            return Reply(line: request.id.map { DaemonLine.error(error, to: $0) })
        }
    }

    static func reply(to request: RequestEnvelope, _ call: Call) async -> Reply {
        do {
            guard let handler = handlers[request.method] else { throw ProtocolError.methodNotFound(request.method) }
            let answer = try await handler(request.params, call)
            call.count(request, nil)
            return Reply(line: request.id.map(answer.encode), subscription: answer.subscription)
        } catch {
            let error = ProtocolError(describing: error)
            call.count(request, error)
            return Reply(line: request.id.map { DaemonLine.error(error, to: $0) })
        }
    }

    private static func method<M: Method>(
        _ method: M.Type, _ body: @escaping @Sendable (M.Params, Call) async throws -> M.Result
    ) -> (String, Handler) {
        (
            M.name,
            { params, call in
                let call = try call.allowed(M.self)
                return Answer(try await body(try M.params(from: params), call))
            }
        )
    }

    private static func stream<M: Method>(
        _ method: M.Type, _ body: @escaping @Sendable (M.Params, Call) async throws -> (M.Result, any Subscription)
    ) -> (String, Handler) {
        (
            M.name,
            { params, call in
                let call = try call.allowed(M.self)
                let (result, subscription) = try await body(try M.params(from: params), call)
                return Answer(result, subscription)
            }
        )
    }
}

extension Call {
    /// Counts what the request came to; nil for a result.
    fileprivate func count(_ request: RequestEnvelope, _ error: ProtocolError?) {
        supervisor.socketCounts.add(Dispatch.name(of: request), error, took: ContinuousClock.now - came)
    }

    /// The same for one method. Fails with `permission_denied` when the peer's role is not enough for that.
    fileprivate func allowed<M: Method>(_ method: M.Type) throws(ProtocolError) -> Call {
        guard peer.role >= M.role else {
            throw .permissionDenied(
                "\(M.name) takes the role \(M.role.rawValue), and yours here is \(peer.role.rawValue)")
        }
        var call = self
        call.role = M.role
        return call
    }
}

extension ProtocolError {
    init(describing error: any Error) {
        switch error {
        case let error as ProtocolError: self = error
        case is CancellationError: self = .cancelled
        default: self = .internalError("\(error)")
        }
    }
}
