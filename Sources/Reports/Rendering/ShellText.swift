/// Commands as a shell would take them.
public enum ShellText {
  /// A command of these words, each of which is quoted where it must be.
  public static func command(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }

  /// The word, in quotes if the shell would see more or less than this word without them.
  public static func quoted(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic
          || "0123456789-_./:=@%+,".unicodeScalars.contains(scalar))
    }
    if isPlain, !word.isEmpty { return word }
    return "'" + VisibleText.replacing(word) { $0 == "'" ? "'\\''" : nil } + "'"
  }
}
