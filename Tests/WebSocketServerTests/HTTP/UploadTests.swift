import Foundation
import HTTP
import Testing
import Transport
import WebSocketServer

@Suite("Uploads", .timeLimit(.minutes(5)))
struct UploadTests {
  private static func form(_ content: String) -> String {
    "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA title\r\n"
      + "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../x.txt\"\r\n"
      + "Content-Type: text/plain\r\n\r\n\(content)\r\n--b--\r\n"
  }

  private func withUploads(
    _ change: (inout UploadOptions) -> Void,
    _ body: (TestClient, _ folder: String, _ seen: Record<String>) async throws -> Void
  ) async throws {
    let folder = NSTemporaryDirectory() + "gauntlet-upload-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let seen = Record<String>()
    var options = UploadOptions(folder: folder)
    options.afterFile = { _, part in seen.append("after \(part.byteCount)") }
    change(&options)
    let configured = options
    try await withServer(configure: { configuration in
      configuration.http.route(
        .post, "/upload",
        .uploads(configured) { request, form in
          let file = form["f"]
          let content = file?.file.flatMap { FileManager.default.contents(atPath: $0.path) }
          if request.target.query == "keep" { file?.file?.keep() }
          return .text(
            "\(form["title"]?.text ?? "-") \(file?.fileName ?? "-") \(content?.count ?? -1)")
        })
    }) { _, address in
      try await body(try await TestClient(to: address), folder, seen)
    }
  }

  private let type = ["Content-Type: multipart/form-data; boundary=b"]

  @Test func `files are streamed to disk, and kept where that is wished`() async throws {
    try await withUploads({ _ in }) { client, folder, seen async throws in
      let content = String(repeating: "0123456789", count: 200_000)
      let reply = try await client.ask(
        "POST", "/upload", fields: type, body: Self.form(content))
      #expect(reply.text == "A title x.txt 2000000\n")
      #expect(seen.all == ["after 2000000"])
      // The answer may be here before the server has let go of the file.
      while try !FileManager.default.contentsOfDirectory(atPath: folder).isEmpty {
        try await Task.sleep(for: .milliseconds(5))
      }
      _ = try await client.ask("POST", "/upload?keep", fields: type, body: Self.form("kept"))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names.count == 1)
      #expect(
        FileManager.default.contents(atPath: "\(folder)/\(names[0])") == Data("kept".utf8))
    }
  }

  @Test func `limits and hooks turn files away`() async throws {
    try await withUploads({ options in
      options.maximumFileByteCount = 100
      options.beforeFile = { request, part in
        request.target.query == "skip"
          ? .skip
          : request.target.query == "refuse"
            ? .refuse(RequestFailure(.unsupportedMediaType, part.contentType ?? "")) : .accept
      }
    }) { client, folder, _ async throws in
      let skipped = try await client.ask(
        "POST", "/upload?skip", fields: type, body: Self.form("x"))
      #expect(skipped.text == "A title - -1\n")
      #expect(
        try await client.ask("POST", "/upload?refuse", fields: type, body: Self.form("x")).status
          == 415)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
    try await withUploads({ $0.maximumFileByteCount = 100 }) { client, folder, _ async throws in
      let long = Self.form(String(repeating: "x", count: 200))
      #expect(try await client.ask("POST", "/upload", fields: type, body: long).status == 413)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
    try await withUploads({ _ in }) { client, _, _ async throws in
      #expect(
        try await client.ask("POST", "/upload", fields: ["Content-Type: text/plain"], body: "x")
          .status == 415)
    }
    try await withUploads({ _ in }) { client, _, _ async throws in
      #expect(
        try await client.ask(
          "POST", "/upload", fields: type, body: String(Self.form("x").dropLast(10))
        ).status == 400)
    }
  }
}
