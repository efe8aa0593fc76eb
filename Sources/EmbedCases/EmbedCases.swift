import CaseLanguage
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// Build tool: parses case files and writes them into a Swift source; a mistake stops the build.
///
/// Arguments: the folder that paths are relative to, the file to write, the case files.
@main
struct EmbedCases {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.count >= 2, let root = arguments.first else {
      fail("usage: EmbedCases FOLDER OUTPUT FILE…")
    }
    let output = arguments[arguments.startIndex + 1]
    var files: [(path: String, bytes: [UInt8])] = []
    for path in arguments.dropFirst(2) {
      guard let contents = FileManager.default.contents(atPath: path) else {
        fail("\(path): error: the file cannot be read")
      }
      files.append((path, Array(contents)))
    }
    do {
      _ = try CaseParser.parse(files: files)
    } catch {
      fail(error.description)
    }
    let names = files.map { file in
      file.path.hasPrefix(root + "/") ? String(file.path.dropFirst(root.count + 1)) : file.path
    }
    let source = EmbeddedSource.text(zip(names, files.map(\.bytes)).map { ($0, $1) })
    try Data(source.utf8).write(to: URL(filePath: output))
  }

  /// Says what is wrong where the build system looks for it, and stops.
  static func fail(_ message: String) -> Never {
    print(message)
    exit(1)
  }
}

/// The Swift source that the files become.
enum EmbeddedSource {
  static func text(_ files: [(path: String, bytes: [UInt8])]) -> String {
    var source = "let embeddedCaseFiles: [(path: String, text: StaticString)] = [\n"
    for (path, bytes) in files {
      source += "  (path: \"\(path)\", text: \"\"\"\n"
      for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
        switch scalar {
        case "\\": source += "\\\\"
        case "\"": source += "\\\""
        case "\r": source += "\\r"
        case "\0": source += "\\0"
        default: source.unicodeScalars.append(scalar)
        }
      }
      source += "\n\"\"\"),\n"
    }
    return source + "]\n"
  }
}
