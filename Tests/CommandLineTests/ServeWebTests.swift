import Foundation
import Testing

@Suite("gauntlet serve with curl and openssl", .timeLimit(.minutes(5)))
struct ServeWebTests {
  private func certificate(_ folder: String, _ name: String) {
    let (status, output) = shell(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        + "-subj /CN=\(name) -addext subjectAltName=DNS:localhost "
        + "-keyout \(folder)/key.new -out \(folder)/chain.new && "
        + "mv \(folder)/key.new \(folder)/key && mv \(folder)/chain.new \(folder)/chain")
    #expect(status == 0, "\(output)")
  }

  private func port(_ url: Substring) throws -> String {
    String(try #require(url.split(separator: ":").last).prefix { $0.isNumber })
  }

  @Test
  func `curl gets pages and files, and a new certificate after SIGHUP`() async throws {
    try await withFolder { folder in
      certificate(folder, "first")
      try FileManager.default.createDirectory(
        atPath: "\(folder)/www", withIntermediateDirectories: true)
      try Data("0123456789".utf8).write(to: URL(filePath: "\(folder)/www/digits.txt"))
      let server = try Subprocess([
        "serve", "--listen", "wss://127.0.0.1:0", "--tls-certificate", "\(folder)/chain",
        "--tls-key", "\(folder)/key", "--files", "/www=\(folder)/www", "--upload",
        "/upload=\(folder)", "--ready-file", "\(folder)/ready",
      ])
      let url = try await server.content(of: "\(folder)/ready").split(separator: "\n")[0]
      let port = try port(url)
      let curl = "curl -sS --cacert \(folder)/chain --resolve localhost:\(port):127.0.0.1"
      let base = "https://localhost:\(port)"
      #expect(shell("\(curl) \(base)/").output.contains("WebSocket test page"))
      #expect(shell("\(curl) -r 2-4 \(base)/www/digits.txt").output == "234")
      #expect(
        shell("\(curl) -F f=@\(folder)/www/digits.txt \(base)/upload").output
          .hasPrefix("f: 10 octets in \(folder)/upload-"))
      #expect(
        shell("\(curl) --path-as-is -o /dev/null -w %{http_code} \(base)/www/../key").output
          == "400")
      let hello = shell(
        "echo | openssl s_client -connect 127.0.0.1:\(port) -servername localhost -tls1_2 "
          + "-CAfile \(folder)/chain -alpn http/1.1 -brief")
      #expect(hello.output.contains("TLSv1.2"), "\(hello.output)")
      #expect(hello.output.contains("Verification: OK"), "\(hello.output)")
      certificate(folder, "second")
      #expect(shell("\(curl) \(base)/").status == 60)
      server.send(signal: SIGHUP)
      let end = ContinuousClock.now + .seconds(30)
      while shell("\(curl) \(base)/").status != 0, ContinuousClock.now < end {
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(shell("\(curl) -w %{http_code} -o /dev/null \(base)/").output == "200")
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
  }

  @Test
  func `users come in with the hash that the program makes`() async throws {
    try await withFolder { folder in
      let program = try Subprocess.executable().path
      let (status, line) = shell("echo secret | \(program) hash-password ann")
      #expect(status == 0)
      #expect(line.hasPrefix("ann:$scrypt$ln=15,r=8,p=3$"))
      try Data(line.utf8).write(to: URL(filePath: "\(folder)/users"))
      let server = try Subprocess([
        "serve", "--port", "0", "--users", "\(folder)/users", "--exempt", "/", "--ready-file",
        "\(folder)/ready",
      ])
      let url = try await server.content(of: "\(folder)/ready").split(separator: "\n")[0]
      let base = "http://127.0.0.1:\(try port(url))"
      let curl = "curl -sS -o /dev/null -w %{http_code}"
      #expect(shell("\(curl) \(base)/").output == "200")
      #expect(shell("\(curl) \(base)/x").output == "401")
      #expect(shell("\(curl) -u ann:secret \(base)/x").output == "404")
      #expect(shell("\(curl) -u ann:wrong \(base)/x").output == "401")
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
  }
}
