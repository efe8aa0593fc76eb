/// What generated payloads consist of; it decides how well they compress.
public enum PayloadContent: String, Sendable, CaseIterable {
  /// Random octets (or random letters in text messages): they do not compress.
  case random
  /// A JSON document of many small records.
  case json
  /// Prose in several scripts.
  case text
  /// Zero octets.
  case zero
}
