import ArgumentParser
import HTTP
import LoadTesting
import Reports
import Transport

/// What it takes to reach a server that does not let everybody in; every verb that connects has it.
struct ReachOptions: ParsableArguments {
  @Flag(help: "Do not verify the server's certificate.")
  var insecure = false

  @Option(help: ArgumentHelp("Certificates (PEM) to trust.", valueName: "FILE"))
  var caFile: String?

  @Option(
    help: ArgumentHelp(
      "A certificate (PEM, with its issuers) to show to a server that asks for one.",
      valueName: "FILE"))
  var cert: String?

  @Option(
    help: ArgumentHelp(
      "The key of --cert (PEM), unless it is in the same file.", valueName: "FILE"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "A header field for the opening handshake, such as 'Authorization: Bearer …'; repeatable.",
      valueName: "NAME: VALUE"))
  var header: [String] = []

  @Option(help: ArgumentHelp("A subprotocol to offer; the preferred one first.", valueName: "NAME"))
  var subprotocol: [String] = []

  func validate() throws {
    guard !insecure || caFile == nil else {
      throw ValidationError("--insecure verifies nothing, so that --ca-file has no effect")
    }
    guard cert != nil || key == nil else {
      throw ValidationError("--key is the key of a certificate: add --cert FILE")
    }
    for text in header where !text.contains(":") {
      throw ValidationError("--header \(text): write NAME: VALUE")
    }
    do {
      _ = try fields()
      try LoadPlan.check(subprotocols: subprotocol)
    } catch {
      throw ValidationError(error.description)
    }
  }

  /// Says what has no effect because no URL is of TLS; scripts may give the same flags for all URLs.
  func warn(urls: [String]) {
    let given = [
      ("--insecure", insecure), ("--ca-file", caFile != nil), ("--cert", cert != nil),
    ].filter(\.1).map(\.0)
    let isSecure = urls.contains { $0.lowercased().hasPrefix("wss") }
    guard let flag = given.first, !isSecure else { return }
    printToStandardError("warning: \(flag) has no effect: it is for TLS, and so for wss:// URLs")
  }

  /// The header fields.
  func fields() throws(LoadPlanError) -> HTTPFields { try LoadPlan.fields(from: lines) }

  /// How to speak TLS.
  func tls(keyLog: (@Sendable (String) -> Void)?) throws(TransportError) -> TLSContext {
    var options = TLSClientOptions()
    options.authoritiesFile = caFile
    options.verifiesPeer = !insecure
    options.identity = cert.map { LoadPlan.identity(certificateFile: $0, privateKeyFile: key) }
    options.keyLog = keyLog
    return try TLSContext(client: options)
  }

  /// The flags that say the same, but for what is nobody else's business.
  var replayWords: [String] {
    var words: [String] = []
    for (flag, value) in [("--ca-file", caFile), ("--cert", cert), ("--key", key)] {
      if let value { words += [flag, value] }
    }
    if insecure { words.append("--insecure") }
    for line in lines { words += ["--header", "\(line.name): \(line.value)"] }
    return SecretFields.hidden(inCommand: words) + subprotocol.flatMap { ["--subprotocol", $0] }
  }

  func apply(to plan: inout LoadPlan) {
    plan.verifiesCertificate = !insecure
    plan.certificateAuthorityFile = caFile
    plan.certificateFile = cert
    plan.privateKeyFile = key
    plan.subprotocols = subprotocol
    plan.fields = lines
  }

  private var lines: [LoadPlan.Field] {
    header.map { text in
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      return LoadPlan.Field(
        name: String(parts[0]),
        value: String((parts.dropFirst().first ?? "").drop { $0 == " " || $0 == "\t" }))
    }
  }
}
