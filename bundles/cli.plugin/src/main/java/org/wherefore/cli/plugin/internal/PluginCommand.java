package org.wherefore.cli.plugin.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.plugin.PluginTrust;
import org.wherefore.api.plugin.Signature;

/** {@code wherefore plugin new|verify|install|list|remove}. One thread. */
@Component(service = Function.class, property = {"wherefore.command=plugin",
        "wherefore.command.help=new KIND NAME | verify FILE.jar | install FILE.jar | list | remove SYMBOLIC-NAME"})
public class PluginCommand implements Function<List<String>, Integer> {
    private static final String USAGE = """
            usage: wherefore plugin new explainer|connector|extractor|domain NAME [--dir DIR] [--group GROUP] [--package PACKAGE]
                   wherefore plugin verify FILE.jar
                   wherefore plugin install FILE.jar [--home DIR] [--port P]
                   wherefore plugin list [--home DIR] [--port P]
                   wherefore plugin remove SYMBOLIC-NAME [--home DIR] [--port P]""";
    private static final Set<String> OPTIONS = Set.of("--dir", "--group", "--package");
    private final BundleContext context;
    private final PluginTrust trust;

    @Activate
    public PluginCommand(BundleContext context, @Reference PluginTrust trust) {
        this.context = context;
        this.trust = trust;
    }

    @Override
    public Integer apply(List<String> args) {
        try {
            return run(args);
        } catch (WhereforeException e) {
            System.err.println("wherefore: " + e.getMessage());
            return switch (e.code()) {
                case INVALID_INPUT -> 2;
                case BAD_DATA -> 3;
                case CONFLICT, NOT_FOUND, MODEL_UNAVAILABLE, UNSUPPORTED -> 4;
                default -> 1;
            };
        }
    }

    private int run(List<String> args) {
        List<String> words = new ArrayList<>();
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < args.size(); i++) {
            String a = args.get(i);
            if (!a.startsWith("--")) {
                words.add(a);
            } else if (!OPTIONS.contains(a) || i + 1 == args.size()) {
                throw WhereforeException.invalid(a, (OPTIONS.contains(a) ? a + " needs a value" : "unknown option " + a) + "\n" + USAGE);
            } else {
                options.put(a, args.get(++i));
            }
        }
        String what = words.isEmpty() ? "" : words.get(0);
        int expected = switch (what) {
            case "new" -> 3;
            case "verify", "install", "remove" -> 2;
            case "list" -> 1;
            default -> throw WhereforeException.invalid(null, (what.isEmpty() ? "say what to do" : "there is no 'plugin " + what + "'") + "\n" + USAGE);
        };
        if (words.size() != expected || !what.equals("new") && !options.isEmpty()) {
            throw WhereforeException.invalid(null, "'plugin " + what + "' was called with other arguments than it has\n" + USAGE);
        }
        Path dist = Path.of(context.getProperty("wherefore.dist"));
        switch (what) {
            case "new" -> new Scaffold(dist.resolve("sdk")).create(words.get(1), words.get(2), options.get("--dir"), options.get("--group"),
                    options.get("--package"));
            case "verify" -> {
                return verify(file(words.get(1)), dist) ? 0 : 3;
            }
            case "install" -> {
                Path jar = file(words.get(1));
                if (!verify(jar, dist)) {
                    return 3;
                }
                server().install(jar);
            }
            case "list" -> server().list();
            default -> server().remove(words.get(1));
        }
        return 0;
    }

    private Server server() {
        return new Server(Path.of(context.getProperty("wherefore.home")), Integer.parseInt(context.getProperty("wherefore.port")));
    }

    private static Path file(String name) {
        Path file = Path.of(name);
        if (!Files.isRegularFile(file)) {
            throw new WhereforeException(org.wherefore.api.ErrorCode.BAD_DATA, "there is no file '" + file.toAbsolutePath().normalize()
                    + "'; 'mvn verify' makes a plugin's jar in its folder target/");
        }
        return file;
    }

    private boolean verify(Path jar, Path dist) {
        Signature signature;
        try {
            signature = trust.examine(jar);
        } catch (WhereforeException e) {
            System.err.println("wherefore: " + jar + " does not fit this platform:\n  - " + e.getMessage());
            return false;
        }
        System.out.println("signature: " + signature.state() + (signature.signer().isEmpty() ? "" : ", " + signature.signer())
                + (signature.reason().isEmpty() ? "" : ", " + signature.reason()));
        Verifier.Report report = new Verifier(Offers.of(dist, context)).verify(jar);
        try {
            trust.admit(jar);
        } catch (WhereforeException e) {
            report.problems().add(e.getMessage());
        }
        if (report.problems().isEmpty()) {
            report.found().forEach(System.out::println);
            System.out.println("verified: it fits this platform");
            return true;
        }
        System.err.println("wherefore: " + jar + " does not fit this platform:");
        report.problems().forEach(p -> System.err.println("  - " + p));
        return false;
    }
}
