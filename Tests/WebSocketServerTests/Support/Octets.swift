import Testing

/// Text to send, under a name that fits into a line of the test's output.
struct Octets: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let text: String

  init(_ name: String, _ text: String) {
    testDescription = name
    self.text = text
  }
}
