import HTTP
import Testing

@Suite("RFC 9110 §5.6.1 Lists")
struct HTTPFieldsTests {
  static func fields(_ values: [String]) -> HTTPFields {
    var fields = HTTPFields()
    for value in values {
      fields.append(HTTPField(name: .connection, value: value))
    }
    return fields
  }

  @Test(
    arguments: [
      ([], []),
      ([""], []),
      ([" , ,\t,"], []),
      (["keep-alive, Upgrade"], ["keep-alive", "Upgrade"]),
      (["keep-alive", "Upgrade"], ["keep-alive", "Upgrade"]),
      (["a;b=\"c,d\",e"], ["a;b=\"c,d\"", "e"]),
      (["\"a\\\",b\",c"], ["\"a\\\",b\"", "c"]),
      (["\"a,b"], ["\"a,b"]),
      (["\"a\\"], ["\"a\\"]),
      (["a\\,b"], ["a\\", "b"]),
      (["  a b  ,c"], ["a b", "c"]),
    ] as [([String], [String])])
  func `elements are split at commas outside of quotes`(values: [String], expected: [String]) {
    #expect(Self.fields(values).elements(of: .connection).map(String.init) == expected)
  }

  @Test func `tokens are found whatever their case`() {
    let fields = Self.fields(["keep-alive", "x, uPGRADE"])
    #expect(fields.contains(token: "upgrade", in: .connection))
    #expect(!fields.contains(token: "upgrad", in: .connection))
    #expect(!fields.contains(token: "upgrade", in: .upgrade))
  }

  @Test func `a field that is there twice is not single`() {
    #expect(Self.fields([]).single(.connection) == nil)
    #expect(Self.fields(["a"]).single(.connection) == "a")
    #expect(Self.fields(["a", "a"]).single(.connection) == nil)
    #expect(Self.fields(["a", "a"]).count(of: .connection) == 2)
  }

  @Test func `octets that are not UTF-8 are written as they are`() {
    let fields = HTTPFields([HTTPField(name: .server, value: [0x63, 0xe9, 0xff] as [UInt8])])
    var output: [UInt8] = []
    fields.write(to: &output)
    #expect(output == Array("Server: c".utf8) + [0xe9, 0xff, 13, 10, 13, 10])
  }

  @Test func `hostile lists take linear time`() {
    let clock = ContinuousClock()
    let duration = clock.measure {
      let spaces = "b" + String(repeating: " ", count: 1 << 19) + "x"
      #expect(Self.fields([spaces]).elements(of: .connection).count == 1)
      let quotes = "\"" + String(repeating: "\\\\", count: 1 << 19)
      #expect(Self.fields([quotes]).elements(of: .connection).count == 1)
      let commas = String(repeating: " ,", count: 1 << 19)
      #expect(Self.fields([commas]).elements(of: .connection).isEmpty)
    }
    #expect(duration < .seconds(10))
  }
}
