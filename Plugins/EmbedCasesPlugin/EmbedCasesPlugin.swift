import Foundation
import PackagePlugin

/// Checks the `.case` files of a target and compiles them into it.
@main
struct EmbedCasesPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    guard let target = target as? any SourceModuleTarget else { return [] }
    // Only the target's own folder: SwiftPM notices what is added and deleted there.
    let files = target.sourceFiles.map(\.url).filter { $0.pathExtension == "case" }
      .sorted { $0.path < $1.path }
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedCaseFiles.swift")
    return [
      .buildCommand(
        displayName: "Checking and embedding \(files.count) case files",
        executable: try context.tool(named: "EmbedCases").url,
        arguments: [target.directoryURL.path, output.path] + files.map(\.path),
        inputFiles: files, outputFiles: [output])
    ]
  }
}
