package org.wherefore.cli.plugin.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.platform.FeatureOrder;
import org.wherefore.api.platform.Features;

/** {@code wherefore feature list|plan|install|update|remove}, on a running server or on the home of a stopped one. One thread. */
@Component(service = Function.class, property = {"wherefore.command=feature",
        "wherefore.command.help=list | plan install|update|remove WHAT... | install WHAT... | update WHAT... | remove NAME... [--yes]"})
public class FeatureCommand implements Function<List<String>, Integer> {
    private static final String USAGE = """
            usage: wherefore feature list [--home DIR] [--port P]
                   wherefore feature plan install|update|remove WHAT...
                   wherefore feature install|update WHAT... [--yes]
                   wherefore feature remove NAME... [--yes]
            WHAT is a name, NAME:VERSION, an archive (a zip of feature.json and bundles/NAME.jar) or a folder with the same in it""";
    private static final Set<String> CHANGES = Set.of("install", "update", "remove");
    private static final int DEFAULT_PORT = 8080;
    private static final ObjectMapper JSON = new ObjectMapper();
    private final BundleContext context;
    private final Features features;

    @Activate
    public FeatureCommand(BundleContext context, @Reference Features features) {
        this.context = context;
        this.features = features;
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
        List<String> words = new ArrayList<>(args);
        boolean yes = words.remove("--yes");
        words.stream().filter(w -> w.startsWith("--")).findFirst().ifPresent(w -> {
            throw WhereforeException.invalid(w, "unknown option " + w + "\n" + USAGE);
        });
        String what = words.isEmpty() ? "" : words.remove(0);
        boolean planOnly = what.equals("plan");
        if (planOnly) {
            what = words.isEmpty() ? "" : words.remove(0);
        }
        if (!planOnly && what.equals("list") && words.isEmpty()) {
            list(JSON.valueToTree(side().list()));
            return 0;
        }
        if (!CHANGES.contains(what) || words.isEmpty()) {
            throw WhereforeException.invalid(null, "say what to do\n" + USAGE);
        }
        return change(what, words, planOnly, yes);
    }

    private int change(String what, List<String> words, boolean planOnly, boolean yes) {
        Side side = side();
        ObjectNode order = JSON.createObjectNode();
        order.putArray("install");
        order.putArray("remove");
        for (String w : words) {
            order.withArray(what.equals("remove") ? "remove" : "install").add(what.equals("remove") ? w : named(side, w));
        }
        JsonNode plan = side.plan(order);
        if (what.equals("update") && plan.path("update").isEmpty()) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "nothing of that is installed; use: wherefore feature install");
        }
        print(plan);
        if (planOnly) {
            return 0;
        }
        if (!yes && !agreed()) {
            System.out.println("nothing was changed");
            return 4;
        }
        JsonNode report = side.apply(order, plan.path("tag").asText());
        System.out.println("done on " + side.where());
        if (!report.path("touched").isEmpty()) {
            System.out.println("bundles whose state changed: " + String.join(", ", texts(report.path("touched")))
                    + (report.path("unplanned").isEmpty() ? " (exactly those of the plan)" : ""));
        }
        report.path("unplanned").forEach(u -> System.err.println("wherefore: not as planned: " + u.asText()));
        report.path("problems").forEach(p -> System.err.println("wherefore: " + p.asText()));
        return report.path("unplanned").isEmpty() && report.path("problems").isEmpty() ? 0 : 1;
    }

    private static boolean agreed() {
        if (System.console() == null) {
            throw WhereforeException.invalid("--yes", "nobody is there to agree; say --yes to do what the plan says");
        }
        System.out.print("do this? [y/N] ");
        System.out.flush();
        try {
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return line != null && Set.of("y", "yes").contains(line.trim().toLowerCase(Locale.ROOT));
        } catch (IOException e) {
            return false;
        }
    }

    /** A file or folder is handed over first. */
    private static String named(Side side, String what) {
        Path file = Path.of(what);
        if (Files.isRegularFile(file)) {
            return side.stage(file);
        }
        if (!Files.exists(file.resolve("feature.json"))) {
            return what;
        }
        Path zip = null;
        try {
            zip = Files.createTempFile("feature", ".zip");
            zip(file, zip);
            return side.stage(zip);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "the folder " + file + " can't be packed: " + e, e);
        } finally {
            try {
                if (zip != null) {
                    Files.deleteIfExists(zip);
                }
            } catch (IOException e) {
                System.err.println("wherefore: " + zip + " stays behind: " + e.getMessage());
            }
        }
    }

    private static void zip(Path folder, Path to) throws IOException {
        try (OutputStream out = Files.newOutputStream(to); ZipOutputStream zip = new ZipOutputStream(out)) {
            entry(zip, "feature.json", folder.resolve("feature.json"));
            if (Files.isDirectory(folder.resolve("bundles"))) {
                List<Path> jars;
                try (Stream<Path> all = Files.list(folder.resolve("bundles"))) {
                    jars = all.sorted().toList();
                }
                for (Path jar : jars) {
                    entry(zip, "bundles/" + jar.getFileName(), jar);
                }
            }
        }
    }

    private static void entry(ZipOutputStream zip, String name, Path file) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(0); // the same folder makes the same archive
        zip.putNextEntry(entry);
        try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(zip);
        }
        zip.closeEntry();
    }

    private static void list(JsonNode set) {
        set.path("features").forEach(f -> System.out.printf("%-12s %-24s %-10s %-13s%s%n", f.path("name").asText(),
                f.path("id").asText().replaceFirst(".*:", ""), f.path("state").asText(), f.path("source").asText(),
                f.path("change").asText().equals("running") ? "" : "changes " + f.path("change").asText()
                        .replace("stopped", "only while no server runs").replace("never", "only with the distribution")));
    }

    private static void print(JsonNode plan) {
        plan.path("install").forEach(i -> System.out.println("install feature " + i.asText()));
        plan.path("update").forEach(i -> System.out.println("update feature " + i.asText()));
        plan.path("remove").forEach(i -> System.out.println("remove feature " + i.asText()));
        plan.path("steps").forEach(s -> System.out.printf("  %-10s %s: %s%n", s.path("action").asText(), (s.path("subject").asText() + " "
                + s.path("version").asText()).trim(), s.path("reason").asText()));
        if (plan.path("steps").isEmpty()) {
            System.out.println("  no bundle is touched");
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> out = new ArrayList<>();
        array.forEach(t -> out.add(t.asText()));
        return out;
    }

    /** Who does it. */
    private interface Side {
        JsonNode list();

        String stage(Path archive);

        JsonNode plan(JsonNode order);

        JsonNode apply(JsonNode order, String tag);

        String where();
    }

    private Side side() {
        Path home = Path.of(context.getProperty("wherefore.home"));
        int port = Integer.parseInt(context.getProperty("wherefore.port"));
        return port != DEFAULT_PORT || Server.runsOn(home) ? new Running(new Server(home, port)) : new Stopped(features, home);
    }

    private record Running(Server server) implements Side {
        @Override
        public JsonNode list() {
            ObjectNode out = JSON.createObjectNode();
            out.set("features", server.get("features?limit=500").path("items"));
            return out;
        }

        @Override
        public String stage(Path archive) {
            return server.send("features/archives", "application/zip", archive).path("archive").asText();
        }

        @Override
        public JsonNode plan(JsonNode order) {
            return server.post("features:plan", order.toString(), null);
        }

        @Override
        public JsonNode apply(JsonNode order, String tag) {
            return server.post("features", order.toString(), tag);
        }

        @Override
        public String where() {
            return server.address();
        }
    }

    private record Stopped(Features features, Path home) implements Side {
        @Override
        public JsonNode list() {
            return JSON.valueToTree(features.list());
        }

        @Override
        public String stage(Path archive) {
            try (InputStream in = Files.newInputStream(archive)) {
                return features.stage(in);
            } catch (IOException e) {
                throw new WhereforeException(ErrorCode.BAD_DATA, "can't read " + archive + ": " + e, e);
            }
        }

        @Override
        public JsonNode plan(JsonNode order) {
            return JSON.valueToTree(features.plan(order(order)));
        }

        @Override
        public JsonNode apply(JsonNode order, String tag) {
            return JSON.valueToTree(features.apply(order(order), tag));
        }

        private static FeatureOrder order(JsonNode order) {
            return new FeatureOrder(texts(order.path("install")), texts(order.path("remove")));
        }

        @Override
        public String where() {
            return home + "; the next start has it";
        }
    }
}
