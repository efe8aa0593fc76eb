import Foundation
import Testing
import Transport
import WebSocketServer

@Suite("Files over HTTP", .timeLimit(.minutes(5)))
struct FileServiceTests {
  /// Runs `body` with a server of a folder that has a few files.
  private func withFiles(
    links: FileFolder.Links = .refuse,
    _ body: (TestClient, String) async throws -> Void
  ) async throws {
    let folder = NSTemporaryDirectory() + "gauntlet-files-\(UUID().uuidString)"
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder + "/www/sub", withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: folder) }
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
    }
    try write("secret.txt", "secret")
    try write("www/index.html", "<p>index</p>")
    try write("www/digits.txt", "0123456789")
    try write("www/.hidden", "hidden")
    try write("www/sub/index.html", "<p>sub</p>")
    try Data([UInt8].noise(5_000_000)).write(to: URL(filePath: folder + "/www/large.bin"))
    try manager.createSymbolicLink(
      atPath: folder + "/www/out", withDestinationPath: "../secret.txt")
    try manager.createSymbolicLink(atPath: folder + "/www/in", withDestinationPath: "digits.txt")
    let service = try FileService(root: folder + "/www", links: links)
    try await withServer(configure: { $0.http.files("/f", service) }) { _, address in
      try await body(try await TestClient(to: address), folder)
    }
  }

  @Test func `files are served whole, and folders by their index`() async throws {
    try await withFiles { client, _ in
      let file = try await client.ask("/f/digits.txt")
      #expect(file.text == "0123456789")
      #expect(file["Content-Type"] == "text/plain; charset=utf-8")
      #expect(file["Accept-Ranges"] == "bytes")
      #expect(try await client.ask("HEAD", "/f/digits.txt")["Content-Length"] == "10")
      #expect(try await client.ask("/f/").text == "<p>index</p>")
      let moved = try await client.ask("/f/sub?a=b")
      #expect(moved.status == 301)
      #expect(moved["Location"] == "/f/sub/?a=b")
      #expect(try await client.ask("/f/sub/").text == "<p>sub</p>")
      #expect(try await client.ask("/f/large.bin").body == .noise(5_000_000))
      #expect(try await client.ask("/f/none").status == 404)
      #expect(try await client.ask("/f/digits.txt/x").status == 404)
      #expect(try await client.ask("POST", "/f/digits.txt").status == 405)
    }
  }

  @Test(arguments: FileFolder.Links.allCases)
  func `no path leads out of the folder`(links: FileFolder.Links) async throws {
    try await withFiles(links: links) { client, _ in
      for path in [
        "/f/../secret.txt", "/f/%2e%2e/secret.txt", "/f/..%2fsecret.txt", "/f/sub/../../secret.txt",
        "/f//etc/passwd", "/f/%00", "/f/.hidden", "/f/sub/..%5c..%5csecret.txt", "/f/out",
      ] {
        let reply = try await client.ask(path)
        #expect([400, 404].contains(reply.status), "\(path)")
        #expect(!reply.text.contains("secret"))
      }
      #expect(try await client.ask("/f/in").status == (links == .refuse ? 404 : 200))
    }
  }

  @Test func `parts are served one by one or together`() async throws {
    try await withFiles { client, _ in
      let one = try await client.ask("/f/digits.txt", fields: ["Range: bytes=2-4"])
      #expect(one.status == 206)
      #expect(one.text == "234")
      #expect(one["Content-Range"] == "bytes 2-4/10")
      #expect(try await client.ask("/f/digits.txt", fields: ["Range: bytes=-2"]).text == "89")
      let none = try await client.ask("/f/digits.txt", fields: ["Range: bytes=10-"])
      #expect(none.status == 416)
      #expect(none["Content-Range"] == "bytes */10")
      let two = try await client.ask("/f/digits.txt", fields: ["Range: bytes=0-1,8-"])
      #expect(two.status == 206)
      let type = try #require(two["Content-Type"])
      #expect(type.hasPrefix("multipart/byteranges; boundary="))
      let boundary = String(type.dropFirst("multipart/byteranges; boundary=".count))
      let parts = two.text.components(separatedBy: "\r\n--\(boundary)")
      #expect(parts.count == 4)
      #expect(parts[1].hasSuffix("Content-Range: bytes 0-1/10\r\n\r\n01"))
      #expect(parts[2].hasSuffix("Content-Range: bytes 8-9/10\r\n\r\n89"))
      #expect(parts[3] == "--\r\n")
      let middle = try await client.ask(
        "/f/large.bin", fields: ["Range: bytes=1000000-2999999"])
      #expect(middle.body == Array([UInt8].noise(3_000_000)[1_000_000...]))
    }
  }

  @Test func `what a client has already is not sent again`() async throws {
    try await withFiles { client, folder in
      let first = try await client.ask("/f/digits.txt")
      let tag = try #require(first["ETag"])
      let date = try #require(first["Last-Modified"])
      for field in ["If-None-Match: \(tag)", "If-Modified-Since: \(date)"] {
        let again = try await client.ask("/f/digits.txt", fields: [field])
        #expect(again.status == 304)
        #expect(again["ETag"] == tag)
      }
      let range = try await client.ask(
        "/f/digits.txt", fields: ["Range: bytes=0-0", "If-Range: \(tag)"])
      #expect(range.status == 206)
      try Data("changed".utf8).write(to: URL(filePath: folder + "/www/digits.txt"))
      #expect(
        try await client.ask("/f/digits.txt", fields: ["If-None-Match: \(tag)"]).text == "changed")
      #expect(
        try await client.ask(
          "/f/digits.txt", fields: ["Range: bytes=0-0", "If-Range: \(tag)"]
        ).status == 200)
      #expect(
        try await client.ask("/f/digits.txt", fields: ["If-Match: \(tag)"]).status == 412)
    }
  }

  @Test func `a folder that is missing is said at once`() {
    #expect {
      try FileService(root: "/nowhere/at/all")
    } throws: {
      "\($0)".contains("/nowhere/at/all: no such file or directory")
    }
  }
}
