package org.wherefore.launcher.internal;

/** The one entry of the command line. Exit codes: 0 done, 2 wrong usage, 3 bad input data, 4 refused, 1 anything else. */
public final class Main {
    private static final String HELP = """
            usage: wherefore COMMAND [--home DIR] [--port P] ...

              demo                       serve the sample data of every domain, trained and explained
              start                      serve the home
              stop, status, doctor       stop it, look at it, look at what it needs
              train DOMAIN --data FILE.json [--engine NAME] [--seed N] [--threads N] [--set NAME=VALUE]... [--json]
              evaluate DOMAIN --data FILE.json [--model REF] [--explanations N] [--json]
              predict DOMAIN (--user ID | --history ID,ID,...) [--k N] [--locale en|zh]
              help                       this text

            The home (models, journal, logs) is --home, or WHEREFORE_HOME, or ./home. The port is 8080 unless --port says other.
            Paths inside a data set description are looked up under WHEREFORE_DATA, then beside the description.
            """;

    private Main() {}

    public static void main(String[] args) {
        int code;
        try {
            code = run(Options.parse(args));
        } catch (LaunchException e) {
            System.err.println("wherefore: " + e.getMessage());
            code = 4;
        }
        System.out.flush();
        System.exit(code);
    }

    private static int run(Options options) {
        return switch (options.command()) {
            case "help", "--help", "-h" -> {
                System.out.print(HELP);
                yield 0;
            }
            case "demo" -> new Server(options).serve(true);
            case "start" -> new Server(options).serve(false);
            case "stop" -> new Server(options).stop();
            case "status" -> new Server(options).status();
            case "doctor" -> new Doctor().examine(options);
            case "train", "evaluate", "predict" -> {
                try (Platform platform = Platform.start(options, false)) {
                    yield platform.run(options.command(), options.rest());
                }
            }
            default -> {
                System.err.println("wherefore: unknown command '" + options.command() + "'\n\n" + HELP);
                yield 2;
            }
        };
    }
}
