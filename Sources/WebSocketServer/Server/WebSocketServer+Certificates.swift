import Logging
import Transport

/// Certificates over the life of a server.
extension WebSocketServer {
  /// Reads the certificates of all listeners again, for later connections; nobody is disconnected.
  ///
  /// - Throws: ``ServerError``, naming the file that cannot be used; what was used before stays.
  public func reloadCertificates() throws(ServerError) {
    let run = currentRun
    do throws(TransportError) {
      try TLSContext.reload(configuration.tlsContexts)
    } catch {
      run?.context.log.write(.error, .lifecycle, at: .now, "certificates not reloaded: \(error)")
      throw .transport(error)
    }
    run?.context.observe(.certificatesReloaded)
    run?.context.log.write(.notice, .lifecycle, at: .now, "certificates reloaded")
    run?.warnOfCertificates()
  }
}

extension ServerConfiguration {
  /// The TLS of all listeners, each once.
  var tlsContexts: [TLSContext] {
    var contexts: [TLSContext] = []
    for context in listeners.compactMap(\.tls) where !contexts.contains(where: { $0 === context }) {
      contexts.append(context)
    }
    return contexts
  }
}

extension ServerRun {
  /// Warns of certificates that will end, now and once a day.
  func watchCertificates() {
    guard context.configuration.certificateWarningDays != nil,
      !context.configuration.tlsContexts.isEmpty, let loop = loops.first?.loop
    else { return }
    warnOfCertificates()
    loop.execute { [weak self] in self?.watchAgain(on: loop) }
  }

  private func watchAgain(on loop: EventLoop) {
    loop.schedule(after: .seconds(86_400)) { [weak self] in
      guard let self else { return }
      warnOfCertificates()
      watchAgain(on: loop)
    }
  }

  func warnOfCertificates() {
    guard let days = context.configuration.certificateWarningDays else { return }
    for tls in context.configuration.tlsContexts {
      for line in tls.expiryWarnings(withinDays: days) {
        context.observe(.certificateExpires(line))
        context.log.write(.warning, .lifecycle, at: .now, line)
      }
    }
  }
}
