import ArgumentParser
import Foundation
import Testing
import Transport
import WebSocketServer

@testable import gauntlet

@Suite("The settings of gauntlet serve")
struct ServeSettingsTests {
  private func mistake(_ text: String) -> SpecError? {
    #expect(throws: SpecError.self) { try ServeSettings(Array(text.utf8), path: "s.json") }
  }

  /// A listener that says this of its TLS.
  private func tls(_ text: String) -> String {
    "{\"listeners\": [{\"address\": \"127.0.0.1:0\",\n\"tls\": {\(text)}}]}"
  }

  @Test(arguments: [
    ("", "2:8: error: listeners[0].tls.certificate: write certificate and key, bundle, pkcs12"),
    ("\"key\": \"k\"", "2:16: error: listeners[0].tls.key: listeners[0].tls.certificate and"),
    ("\"selfSigned\": true, \"bundle\": \"b\"", "2:39: error: listeners[0].tls.bundle: "),
    ("\"selfSigned\": true, \"client\": 1", "2:29: error: listeners[0].tls.client is no key; "),
    (
      "\"selfSigned\": true, \"securityLevel\": 6",
      "securityLevel: write a whole number from 0 to 5"
    ),
    ("\"selfSigned\": true, \"minimumVersion\": \"1.1\"", "minimumVersion: write one of 1.2, 1.3"),
    (
      "\"selfSigned\": true, \"minimumVersion\": \"1.3\", \"maximumVersion\": \"1.2\"",
      "minimumVersion: the oldest version is newer"
    ),
    (
      "\"selfSigned\": true, \"clients\": {\"certificates\": \"required\"}",
      "tls.clients.certificates: say with listeners[0].tls.clients.authorities who signs them"
    ),
    ("\"selfSigned\": true, \"clients\": true", "tls.clients: write an object in braces"),
    ("\"selfSigned\": true, \"hosts\": [{}]", "tls.hosts[0].names: write the names"),
    ("\"selfSigned\": true, \"sessions\": {\"tickets\": 0}", "tls.sessions.tickets: write a whole"),
    ("\"pkcs12\": \"p\", \"passPhraseVariable\": \"NO_SUCH\"", "there is no variable NO_SUCH"),
  ])
  func `a mistake in TLS is told with its place`(text: String, message: String) {
    let error = mistake(tls(text))
    #expect(error?.description.hasPrefix("s.json:2:") == true)
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    #expect(error?.isUnusable == false)
  }

  @Test(arguments: [
    ("\"http\": []", "http: write an object in braces"),
    ("\"http\": {\"routes\": [{\"path\": \"x\"}]}", "http.routes[0].path: a path begins with /"),
    ("\"http\": {\"routes\": [{\"path\": \"/\"}]}", "http.routes[0].text: write the text"),
    (
      "\"http\": {\"routes\": [{\"path\": \"/\", \"text\": \"a\", \"method\": \"A B\"}]}",
      "http.routes[0].method: write a method"
    ),
    (
      "\"http\": {\"forward\": [{\"path\": \"/a\", \"to\": \"ftp://a\"}]}",
      "http.forward[0].to: write http://HOST:PORT"
    ),
    ("\"http\": {\"files\": [{\"path\": \"/a\"}]}", "http.files[0].folder: write the folder"),
    ("\"http\": {\"login\": \"/login\"}", "http.login: nobody can log in"),
    ("\"http\": {\"testPage\": 7}", "http.testPage: write true or false"),
    ("\"http\": {\"hosts\": [{\"names\": []}]}", "http.hosts[0].names: write the names"),
    ("\"http\": {\"sessions\": {\"age\": 1}}", "http.sessions.age is no key; allowed here: "),
    ("\"access\": {\"origins\": [\"example.org\"]}", "access.origins: example.org is no origin"),
    ("\"access\": {\"exempt\": [\"x\"]}", "access.exempt: a path begins with /"),
    ("\"access\": {\"certificates\": true}", "access.certificates: no listener asks for any"),
    ("\"access\": {\"rates\": {\"requests\": 0}}", "access.rates.requests: write a whole number"),
    (
      "\"access\": {\"scopes\": [{\"path\": \"/\", \"scope\": \"a\"}]}",
      "access.scopes: nobody is asked who he is"
    ),
    ("\"limits\": {\"head\": 1}", "limits.head: write a size from 256 to 1048576 octets"),
    ("\"heartbeat\": {\"interval\": 0}", "heartbeat: the heartbeat's interval is 0"),
    ("\"certificateWarningDays\": 0", "certificateWarningDays: write a whole number"),
  ])
  func `a mistake elsewhere is told with its place`(text: String, message: String) {
    let error = mistake("{\"listeners\": [{\"address\": \"127.0.0.1:0\"}],\n\(text)}")
    #expect(error?.description.hasPrefix("s.json:2:") == true)
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    #expect(error?.isUnusable == false)
  }

  @Test func `what cannot be used is told with the key that names it`() async throws {
    try await withFolder { path in
      let folder = try ServeFolder(path)
      let pair = "\"certificate\": \"server.pem\", \"key\": "
      for (text, message) in [
        (
          "\"certificate\": \"none.pem\", \"key\": \"server.key\"",
          "2:24: error: listeners[0].tls.certificate: cannot use the certificate \(path)/none.pem: no such file"
        ),
        (
          "\"certificate\": \"www\", \"key\": \"server.key\"",
          "tls.certificate: cannot use the certificate \(path)/www: "
        ),
        (
          "\"certificate\": \"users\", \"key\": \"server.key\"",
          "tls.certificate: cannot use the certificate \(path)/users: no PEM block"
        ),
        ("\(pair)\"none.key\"", "2:45: error: listeners[0].tls.key: cannot use the private key"),
        (
          "\(pair)\"alice.key\"",
          "tls.key: cannot use the private key \(path)/alice.key: key values mismatch"
        ),
        (
          "\"certificate\": \"expired.pem\", \"key\": \"other.key\"",
          "tls.certificate: cannot use the certificate \(path)/expired.pem: it expired on "
        ),
        ("\"pkcs12\": \"server.pem\"", "tls.pkcs12: cannot use the PKCS#12 file"),
        (
          "\(pair)\"server.key\", \"groups\": \"NOSUCH\"",
          "tls.groups: cannot use the groups NOSUCH"
        ),
        ("\(pair)\"server.key\", \"options\": {\"NoSuch\": \"1\"}", "tls.options.NoSuch: "),
        ("\(pair)\"server.key\", \"keyLog\": \"none/log\"", "tls.keyLog: "),
        (
          "\(pair)\"server.key\", \"clients\": {\"certificates\": \"required\", \"authorities\": [\"none\"]}",
          "tls.clients.authorities: "
        ),
        (
          "\(pair)\"server.key\", \"hosts\": [{\"names\": [\"a\"], \"bundle\": \"none\"}]",
          "tls.hosts[0].bundle: "
        ),
      ] {
        try folder.write(tls(text), to: "s.json")
        let error = #expect(throws: SpecError.self) { try ServeSettings(path: "\(path)/s.json") }
        #expect(error?.description.hasPrefix("\(path)/s.json:2:") == true)
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        #expect(error?.isUnusable == true)
      }
    }
  }

  @Test func `flags and a file make the same values`() throws {
    let command = try ServeCommand.parse([
      "--port", "0", "--backlog", "64", "--loops", "2", "--busy-poll", "2ms", "--real-time",
      "--max-message",
      "64K", "--max-frame", "1K",
      "--max-head", "4K", "--idle-timeout", "30s", "--handshake-timeout", "250ms",
      "--no-utf8-validation", "--heartbeat", "10s", "--heartbeat-timeout", "5s",
      "--deflate-level", "6", "--server-max-window-bits", "10", "--deny", "192.0.2.0/24",
      "--subprotocol", "a", "--subprotocol", "b", "--fragments", "--slow-consumers", "dropOldest",
      "--allow-origin", "https://example.org", "--request-rate", "60", "--exempt", "/health",
    ])
    let flags = try ServeSettings(flags: command.members)
    let text = """
      { "listeners": [{ "address": "127.0.0.1:0", "backlog": 64 }], "loops": 2, "busyPoll": "2ms",
        "realTime": true,
        "limits": { "message": "64K", "frame": "1K", "head": 4096 },
        "timeouts": { "idle": "30s", "openingHandshake": 0.25 }, "validatesUTF8": false,
        "heartbeat": { "interval": 10, "timeout": 5 },
        "compression": { "level": 6, "serverMaxWindowBits": 10 },
        "peers": { "deny": ["192.0.2.0/24"] }, "subprotocols": ["a", "b"],
        "delivery": "fragments", "slowConsumers": "dropOldest",
        "access": { "origins": ["https://example.org"], "rates": { "requests": 60 },
          "exempt": ["/health"] } }
      """
    let file = try ServeSettings(Array(text.utf8), path: "s.json")
    let (left, right) = (flags.configuration, file.configuration)
    #expect(left.listeners.map(\.address) == right.listeners.map(\.address))
    #expect(left.listeners.map(\.backlog) == right.listeners.map(\.backlog))
    #expect(left.limits == right.limits && left.limits.framePayloadByteCount == 1024)
    #expect(left.timeouts == right.timeouts && left.timeouts.idle == .seconds(30))
    #expect(left.compression == right.compression && left.compression?.level == 6)
    #expect(left.heartbeat?.interval == right.heartbeat?.interval)
    #expect(left.subprotocols == right.subprotocols && left.delivery == right.delivery)
    #expect(left.slowConsumers == right.slowConsumers && left.loopCount == right.loopCount)
    #expect(left.busyPolling == right.busyPolling && left.busyPolling == .milliseconds(2))
    #expect(left.isRealTime && right.isRealTime)
    #expect(left.access?.origins == right.access?.origins)
    #expect(left.access?.rateLimits == right.access?.rateLimits)
    #expect(left.access?.exemptPaths == ["/health"] && right.access?.exemptPaths == ["/health"])
    #expect(!left.validatesUTF8 && !right.validatesUTF8)
  }

  @Test func `listeners that say the same of TLS share it`() throws {
    let tls = "\"tls\": {\"selfSigned\": [\"localhost\"]}"
    let text = """
      { "listeners": [{ "address": "127.0.0.1:0", \(tls) }, { "address": "[::1]:0", \(tls) },
        { "address": "[::1]:0", "tls": { "selfSigned": ["other"] } }] }
      """
    let listeners = try ServeSettings(Array(text.utf8), path: "s.json").configuration.listeners
    #expect(listeners[0].tls === listeners[1].tls && listeners[1].tls !== listeners[2].tls)
  }
}
