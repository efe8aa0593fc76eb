import Testing
import WebSocketProtocol

@testable import LoadTesting

@Suite("Recorded traces")
struct LoadTraceTests {
  func trace(_ text: String) throws -> LoadTrace { try LoadTrace(parsing: Array(text.utf8)) }

  func problem(_ text: String) -> String? {
    do throws(LoadTrace.Problem) {
      _ = try LoadTrace(parsing: Array(text.utf8))
      return nil
    } catch {
      return error.description
    }
  }

  @Test func `CSV is read with its quotes, and times count from the first`() throws {
    let trace = try trace(
      "time,connection,size,kind,payload\r\n"
        + "1700000000.5,bob,20,,\r\n1700000000.25,alice,,text,\"a \"\"b\"\",\nc\"\r\n"
        + "1700000001.25,bob,3,binary,AQID\r\n")
    #expect(trace.connectionCount == 2)
    #expect(trace.duration == .seconds(1))
    #expect(trace.messages.map(\.time) == [0, 250_000_000, 1_000_000_000])
    #expect(trace.messages.map(\.connection) == [0, 1, 1])
    #expect(trace.messages.map(\.byteCount) == [8, 20, 3])
    #expect(trace.messages[0].payload == Array("a \"b\",\nc".utf8))
    #expect(trace.messages[1].payload == nil)
    #expect(trace.messages[2].payload == [1, 2, 3])
    #expect(trace.messages.map(\.kind) == [.text, .text, .binary])
  }

  @Test func `columns may come in any order, and JSON Lines say the same`() throws {
    let table = try trace("size,time\n5,0\n6,0.001")
    let lines = try trace(
      "{\"time\": 0, \"connection\": null, \"size\": 5}\n\n{\"time\": 0.001, \"size\": 6}\n")
    #expect(table == lines)
    #expect(lines.messages.map(\.byteCount) == [5, 6])
    #expect(try trace("{\"time\":1,\"connection\":7,\"payload\":\"x\"}").connectionCount == 1)
  }

  @Test func `what cannot be read is named with its line`() {
    #expect(problem("") == "there is no message in it")
    #expect(problem("a,b\n1,2")?.hasPrefix("line 1: expected a header line") == true)
    #expect(problem("time,size\n0,5\nx,5") == "line 3: time: expected seconds, not 'x'")
    #expect(problem("time,size\n0,5\n1") == "line 3: 1 fields, where the header has 2")
    #expect(
      problem("time,size,kind\n0,5,ping") == "line 2: kind: expected text or binary, not 'ping'")
    #expect(problem("time,size\n0,-1")?.hasPrefix("line 2: size: expected 0 to") == true)
    #expect(problem("time,size\n0,") == "line 2: expected a size or a payload")
    #expect(
      problem("time,payload,kind\n0,%%%,binary")
        == "line 2: payload: that of a binary message is Base64")
    #expect(
      problem("time,size,payload\n0,5,abc") == "line 2: size: 5, but the payload has 3 octets")
    #expect(problem("time,payload\n0,\"abc") == "line 2: a quote is never closed")
    #expect(
      problem("time,payload\n0,\"a\nb\"c") == "line 2: expected a comma after the closing quote")
    #expect(
      problem("{\"time\":0,\"size\":1}\n{\"time\":")
        == "line 2: expected a JSON object with texts and numbers")
  }
}
