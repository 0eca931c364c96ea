package org.wherefore.launcher.internal;

import java.util.Set;

/** The one entry of the command line. Exit codes: 0 done, 2 wrong usage, 3 bad input data, 4 refused, 1 anything else. */
public final class Main {
    private static final String HELP = """
            usage: wherefore COMMAND [--home DIR] [--port P] [--with FEATURE,...] ...

              demo                       serve the sample data of every domain, trained and explained
              start [--background]       serve the home
              stop, status, doctor       stop it, look at it, look at what it needs
              train DOMAIN --data FILE.json [--engine NAME] [--seed N] [--threads N] [--set NAME=VALUE]... [--json]
              evaluate DOMAIN --data FILE.json [--model REF] [--explanations N | --strategies all|A,B | --global [N]] [--json]
              predict DOMAIN (--user ID | --history ID,ID,...) [--k N] [--locale en|zh]
              model list|show|promote|rollback|traffic|export|import|prune
                                         versions, who answers, archives; see: wherefore model help
              plugin new|verify|install|list|remove
                                         write a plugin, check its jar, bring it into the running server
              key list|create|revoke     who may use the server; a running one sees it within a second
              audit verify               whether the trail of every change is whole
              feature list|plan|install|update|remove
                                         what the server is made of, running or at its next start
              bench NAME [--json]        a benchmark, in a source checkout: train, score, http, explain, fraud, swap or plugins
              help, version              this text; what runs

            Bundles may bring more commands; an unknown one lists what there is.

            The home (models, journal, logs) is --home, or WHEREFORE_HOME, or ./home. The port is 8080 unless --port says other.
            --with, or WHEREFORE_WITH, starts features that don't start by themselves (nd4j: ND4J with its native libraries).
            Paths inside a data set description are looked up under WHEREFORE_DATA, then beside the description.
            """;

    /** Commands that the shipped bundles offer: worth waiting for. Any other has to be there once all bundles started. */
    private static final Set<String> BUILT_IN = Set.of("train", "evaluate", "predict", "model", "plugin", "key", "audit", "feature");

    private Main() {}

    public static void main(String[] args) {
        int code;
        try {
            code = run(Options.parse(args), args);
        } catch (UsageException e) {
            System.err.println("wherefore: " + e.getMessage() + "; see: wherefore help");
            code = 2;
        } catch (LaunchException e) {
            System.err.println("wherefore: " + e.getMessage());
            code = 4;
        }
        System.out.flush();
        System.exit(code);
    }

    private static int run(Options options, String[] args) {
        return switch (options.command()) {
            case "help", "--help", "-h" -> {
                System.out.print(HELP);
                yield 0;
            }
            case "demo" -> new Server(options).serve(true);
            case "start" -> options.rest().contains(Options.BACKGROUND) ? new Server(options).serveInBackground(args)
                    : new Server(options).serve(false);
            case "stop" -> new Server(options).stop();
            case "status" -> new Server(options).status();
            case "doctor" -> new Doctor().examine(options);
            case "version", "--version" -> {
                String version = Main.class.getPackage().getImplementationVersion();
                System.out.println("Wherefore " + (version == null ? "(development)" : version) + ", Java " + Runtime.version());
                yield 0;
            }
            default -> {
                Mode mode = options.command().equals(TrainingProcess.COMMAND) ? Mode.TRAINING
                        : Mode.TOOL_COMMANDS.contains(options.command()) || speaksToServer(options) ? Mode.TOOLS : Mode.BATCH;
                try (Platform platform = Platform.start(options, mode)) {
                    if (!BUILT_IN.contains(options.command()) && !platform.commands().containsKey(options.command())) {
                        System.err.println("wherefore: unknown command '" + options.command() + "'; installed bundles offer "
                                + platform.commands().keySet() + "\n\n" + HELP);
                        yield 2;
                    }
                    yield platform.run(options.command(), options.rest());
                }
            }
        };
    }

    /** A server that runs has the home for itself, so that its models are looked at and changed through it. */
    private static boolean speaksToServer(Options options) {
        return options.command().equals("model") && (options.port() != Options.DEFAULT_PORT || new Server(options).runs());
    }
}
