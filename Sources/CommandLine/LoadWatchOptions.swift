import ArgumentParser

/// What `gauntlet load` watches, starts, and tells while it runs.
struct LoadWatchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Start the server, and sample what it uses: a shell command.",
      discussion: """
        {port} in it and in the URL stands for a free port, which is in $PORT too. It is ready when it \
        takes connections, and is ended with its whole process group. With --repeat one server serves \
        all runs.
        """,
      valueName: "COMMAND"))
  var exec: String?

  @Option(
    help: ArgumentHelp(
      "With --exec: how long it may take until it is ready (default: 30s).", valueName: "TIME"))
  var readyTimeout: TimeSpan?

  @Flag(
    help: ArgumentHelp(
      "End the run with exit code 1 as soon as an objective of --slo is missed.",
      discussion: """
        Judged each second of measuring on all that was measured so far, and missed when two in a row \
        say so; what only the end can tell, such as reach, is judged then.
        """))
  var abortOnSlo = false

  @Option(
    help: ArgumentHelp(
      "Write a JSON object a line for each interval, as it ends; - for standard output.",
      valueName: "FILE"))
  var jsonl: String?

  @Option(
    help: ArgumentHelp(
      "Tell monitoring systems how the run stands: OpenMetrics at http://HOST:PORT/metrics.",
      valueName: "HOST:PORT"))
  var metricsListen: String?
}
