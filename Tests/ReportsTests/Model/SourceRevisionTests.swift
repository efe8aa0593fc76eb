import Testing

@testable import Reports

@Suite("The commit of a run")
struct SourceRevisionTests {
  private let hash = String(repeating: "ab12", count: 10)

  @Test func `CI says which, and its user may overrule it`() {
    let variables = [
      "GITHUB_SHA": hash, "GITHUB_HEAD_REF": "", "GITHUB_REF_NAME": "main",
    ]
    let revision = SourceRevision.current(variables: variables, folder: "/nowhere")
    #expect(revision == SourceRevision(commit: hash, branch: "main"))
    #expect(revision?.shortCommit == "ab12ab12")
    let own = variables.merging(["GAUNTLET_COMMIT": "v1.2 "]) { $1 }
    #expect(SourceRevision.current(variables: own, folder: "/") == SourceRevision(commit: "v1.2"))
    #expect(SourceRevision.current(variables: [:], folder: "/nowhere") == nil)
  }

  @Test func `git is read where it keeps a branch, loose, packed or detached`() throws {
    try TestFiles.withFolder { folder in
      func current() -> SourceRevision? {
        SourceRevision.current(variables: [:], folder: folder + "/src/deep")
      }
      try Files.makeFolder(folder + "/src/deep")
      try Files.makeFolder(folder + "/.git/refs/heads")
      try ReportWriter.write("ref: refs/heads/topic\n", to: folder + "/.git/HEAD")
      #expect(current() == nil)
      try ReportWriter.write("# x\n\(hash) refs/heads/topic\n", to: folder + "/.git/packed-refs")
      #expect(current() == SourceRevision(commit: hash, branch: "topic"))
      try ReportWriter.write("cd34\n", to: folder + "/.git/refs/heads/topic")
      #expect(current()?.commit == "cd34")
      try ReportWriter.write(hash + "\n", to: folder + "/.git/HEAD")
      #expect(current() == SourceRevision(commit: hash))
    }
  }

  @Test func `a further work tree has its HEAD elsewhere`() throws {
    try TestFiles.withFolder { folder in
      try Files.makeFolder(folder + "/main/.git/worktrees/w")
      try Files.makeFolder(folder + "/main/.git/refs/heads")
      try Files.makeFolder(folder + "/w")
      let own = folder + "/main/.git/worktrees/w"
      try ReportWriter.write("gitdir: ../main/.git/worktrees/w\n", to: folder + "/w/.git")
      try ReportWriter.write("ref: refs/heads/w\n", to: own + "/HEAD")
      try ReportWriter.write("../..\n", to: own + "/commondir")
      try ReportWriter.write(hash, to: folder + "/main/.git/refs/heads/w")
      let revision = SourceRevision.current(variables: [:], folder: folder + "/w")
      #expect(revision == SourceRevision(commit: hash, branch: "w"))
    }
  }
}
