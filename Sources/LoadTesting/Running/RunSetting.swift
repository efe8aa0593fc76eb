import Conformance
import HTTP
import Transport
import WebSocketProtocol

/// What all loops of a group share and nobody changes.
struct RunSetting: Sendable {
  let plan: LoadPlan
  let url: WebSocketURL
  let template: PayloadTemplate
  /// What messages carry where they are compressed, or may be.
  let compressed: PayloadCycle
  let connector: Connector
  /// What slow readers connect with.
  let slowConnector: Connector
  let configuration: ConnectionConfiguration
  let fields: HTTPFields
  /// The plan of an open loop.
  let schedule: LoadSchedule?
  /// Messages of a trace by their connections; empty without one.
  private(set) var traced: [[LoadTrace.Message]] = []
  /// Messages under way per connection in a closed loop.
  let depth: Int
  /// In nanoseconds.
  let replyTimeout: Int64
  /// Plays the cases of a replay.
  private(set) var casePlayer: CasePlayer?

  /// The setting of a plan that has been validated.
  init(plan: LoadPlan) throws(LoadError) {
    self.plan = plan
    do throws(WebSocketURLError) {
      url = try WebSocketURL(plan.url)
    } catch {
      throw .wrongPlan(error.description)
    }
    template = plan.template
    compressed = PayloadCycle(plan.compressedTemplates)
    configuration = ConnectionConfiguration(
      limits: ConnectionLimits(), closingTimeout: .seconds(1),
      compressionLevel: plan.compression?.level ?? 1)
    do throws(LoadPlanError) {
      fields = try LoadPlan.fields(from: plan.fields)
    } catch {
      throw .wrongPlan(error.description)
    }
    connector = try Self.connector(for: plan, url: url)
    // What the kernel would buffer, a slow reader would seem to have read.
    var slowOptions = connector.options
    slowOptions.receiveBufferByteCount = 16 << 10
    slowConnector = Connector(to: connector.endpoint, options: slowOptions)
    switch plan.workload {
    case .closedLoop(let depth):
      self.depth = depth
      schedule = nil
    case .openLoop(let schedule):
      depth = 0
      self.schedule = schedule
    case .idle:
      depth = 0
      schedule = nil
    }
    replyTimeout = plan.replyTimeout.nanoseconds
    traced = tracedMessages
    guard let replay = plan.replay else { return }
    do throws(TransportError) {
      casePlayer = try CasePlayer(replay, setting: self)
    } catch {
      throw .cannotRun(error.description)
    }
  }

  /// When the phases of a run begin and end that goes as planned.
  var phases: PhasePlan {
    PhasePlan(
      warmUp: plan.warmUp, measuring: plan.duration, coolDown: plan.coolDown,
      drain: plan.workload == .idle ? .zero : plan.drain)
  }

  /// A pacer for one loop; nil without an open loop.
  func pacer() -> SchedulePacer? {
    schedule.map {
      SchedulePacer(
        $0, measuringStart: phases.measuringStart, measuringEnd: phases.measuringEnd,
        seed: plan.scheduleSeed, shard: plan.sendingShard ?? .whole)
    }
  }

  /// What to offer for compression.
  var offers: [PerMessageDeflate.Offer] {
    guard let compression = plan.compression else { return [] }
    return [
      PerMessageDeflate.Offer(
        serverNoContextTakeover: compression.serverNoContextTakeover,
        clientNoContextTakeover: compression.clientNoContextTakeover,
        serverMaxWindowBits: compression.serverMaxWindowBits,
        clientMaxWindowBits: compression.clientMaxWindowBits.map { .atMost($0) } ?? .anyLimit)
    ]
  }

  private static func connector(
    for plan: LoadPlan, url: WebSocketURL
  ) throws(LoadError) -> Connector {
    var options = Connector.Options()
    options.timeout = plan.connectTimeout
    if url.isSecure {
      var tls = TLSClientOptions()
      tls.verifiesPeer = plan.verifiesCertificate
      tls.authoritiesFile = plan.certificateAuthorityFile
      tls.identity = plan.certificateFile.map {
        LoadPlan.identity(certificateFile: $0, privateKeyFile: plan.privateKeyFile)
      }
      do throws(TransportError) {
        options.tls = try TLSContext(client: tls)
      } catch {
        throw .cannotRun(error.description)
      }
    }
    for host in plan.sourceAddresses {
      guard let address = SocketAddress(host: host, port: 0) else {
        throw .wrongPlan("source address: '\(host)' is no address")
      }
      options.localAddresses.append(address)
    }
    let endpoint: Endpoint =
      if let path = url.socketPath {
        .address(.unix(path: path))
      } else {
        .host(url.host, port: UInt16(url.port))
      }
    return Connector(to: endpoint, options: options)
  }
}
