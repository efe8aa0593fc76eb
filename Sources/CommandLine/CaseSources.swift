import ArgumentParser
import CaseLanguage
import CaseLibrary
import FoundationEssentials

/// The cases that the flags of a command mean: the built-in corpus, what files add, what patterns
/// select.
struct CaseSources {
  /// Patterns; or paths: an argument that is a folder, or ends in `.case`, is loaded.
  var arguments: [String]
  /// Further folders and files to load.
  var directories: [String] = []
  /// Patterns of cases to leave out.
  var exclude: [String] = []

  /// The selected cases, in the order of lists.
  ///
  /// - Parameter isPlayable: Whether a case is among those that may be selected.
  /// - Returns: At least one case.
  /// - Throws: `GauntletExit.wrongUse`, after a line on standard error that says why.
  func selected(among isPlayable: (Case) -> Bool = { _ in true }) throws -> [Case] {
    var patterns: [String] = []
    var paths = directories
    for argument in arguments {
      if Self.isPath(argument) { paths.append(argument) } else { patterns.append(argument) }
    }
    do {
      var cases = CaseLibrary.all
      if !paths.isEmpty {
        cases = CaseLibrary.merging(try CaseLibrary.load(paths: paths))
      }
      return try CaseSelection(include: patterns, exclude: exclude)
        .select(from: cases.filter(isPlayable))
    } catch let error as CaseCorpusError {
      printToStandardError(error.description)
    } catch let error as CaseSelectionError {
      printToStandardError("gauntlet: \(error.description)")
    }
    throw GauntletExit.wrongUse
  }

  private static func isPath(_ argument: String) -> Bool {
    if argument.hasSuffix(".case") { return true }
    var isDirectory = false
    return FileManager.default.fileExists(atPath: argument, isDirectory: &isDirectory)
      && isDirectory
  }
}
