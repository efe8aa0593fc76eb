import HTTP
import Testing

@Suite("RFC 9110 §13 Conditional requests and §14 Range requests")
struct ConditionalTests {
  @Test(arguments: [
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
  ])
  func `a date is read in its three forms`(text: String) {
    #expect(HTTPDate(text)?.secondsSince1970 == 784_111_777)
  }

  @Test(arguments: [0, 784_111_777, 951_782_400, 1_709_164_800, 4_102_444_799, -1])
  func `a date is written so that it reads the same`(seconds: Int) {
    let date = HTTPDate(secondsSince1970: seconds)
    #expect(HTTPDate(date.description) == date, "\(date)")
  }

  @Test(arguments: [
    "", "Sun, 06 Nov 1994", "06 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
  ])
  func `what is no date is none`(text: String) {
    #expect(HTTPDate(text) == nil)
  }

  @Test func `entity tags compare strongly and weakly`() throws {
    let strong = try #require(EntityTag(parsing: "\"a\""))
    let weak = try #require(EntityTag(parsing: "W/\"a\""))
    #expect(strong.isIdentical(to: strong))
    #expect(!strong.isIdentical(to: weak))
    #expect(strong.isEquivalent(to: weak))
    #expect(weak.description == "W/\"a\"")
    for text in ["a", "\"a", "W/a", "\"a\"b\"", "\"a b\""] {
      #expect(EntityTag(parsing: text) == nil, "\(text)")
    }
  }

  private static let state = ResourceState(
    entityTag: EntityTag("v1"), lastModified: HTTPDate(secondsSince1970: 784_111_777))
  private static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
  private static let exactly = "Sun, 06 Nov 1994 08:49:37 GMT"

  @Test(arguments: [
    (HTTPField.Name.ifNoneMatch, "\"v1\"", PreconditionOutcome.notModified),
    (.ifNoneMatch, "\"v0\", W/\"v1\"", .notModified), (.ifNoneMatch, "*", .notModified),
    (.ifNoneMatch, "\"v2\"", .proceed), (.ifModifiedSince, exactly, .notModified),
    (.ifModifiedSince, before, .proceed), (.ifModifiedSince, "nonsense", .proceed),
    (.ifMatch, "\"v1\"", .proceed), (.ifMatch, "*", .proceed), (.ifMatch, "W/\"v1\"", .failed),
    (.ifMatch, "\"v2\"", .failed), (.ifUnmodifiedSince, exactly, .proceed),
    (.ifUnmodifiedSince, before, .failed),
  ])
  func `a condition decides on a GET`(
    name: HTTPField.Name, value: String, outcome: PreconditionOutcome
  ) {
    let head = RequestHead(target: "/", fields: [name: value])
    #expect(Self.state.outcome(of: head) == outcome)
  }

  @Test func `If-None-Match fails a change and outweighs a date`() {
    var head = RequestHead(method: .put, target: "/", fields: [.ifNoneMatch: "*"])
    #expect(Self.state.outcome(of: head) == .failed)
    head = RequestHead(
      target: "/", fields: [.ifNoneMatch: "\"v2\"", .ifModifiedSince: Self.exactly])
    #expect(Self.state.outcome(of: head) == .proceed)
  }

  @Test(arguments: [
    ("\"v1\"", true), ("W/\"v1\"", false), ("\"v2\"", false), (exactly, true), (before, false),
  ])
  func `If-Range lets a range count or not`(value: String, isAllowed: Bool) {
    let head = RequestHead(target: "/", fields: [.ifRange: value])
    #expect(Self.state.allowsRange(in: head) == isAllowed)
  }

  @Test(arguments: [
    ("bytes=0-3", ByteRanges.parts([0..<4])), ("bytes=2-", .parts([2..<10])),
    ("bytes=-3", .parts([7..<10])), ("bytes=-30", .parts([0..<10])),
    ("bytes=8-30", .parts([8..<10])), ("BYTES=0-0, -1", .parts([0..<1, 9..<10])),
    ("bytes=10-", .unsatisfiable), ("bytes=-0", .unsatisfiable),
    ("bytes=10-,0-1", .parts([0..<2])), ("bytes=3-2", .whole), ("bytes=a-b", .whole),
    ("bytes=", .whole), ("bytes=-", .whole), ("lines=0-1", .whole), ("bytes=0-9,0-9", .whole),
    ("bytes=1--2", .whole), ("bytes=99999999999999999999-", .whole),
  ])
  func `a Range names parts of ten octets`(value: String, ranges: ByteRanges) {
    #expect(ByteRanges(value, length: 10) == ranges)
  }

  @Test func `too many parts are ignored`() {
    let many = (0..<17).map { "\($0)-\($0)" }.joined(separator: ",")
    #expect(ByteRanges("bytes=" + many, length: 100) == .whole)
    #expect(ByteRanges(nil, length: 100) == .whole)
    #expect(ByteRanges("bytes=0-", length: 0) == .unsatisfiable)
  }

  @Test func `media types go by the extension`() {
    #expect(MediaTypes.type(ofFile: "a/b.HTML") == "text/html; charset=utf-8")
    #expect(MediaTypes.type(ofFile: "none") == "application/octet-stream")
  }
}
