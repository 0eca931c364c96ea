package org.wherefore.cli.internal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.registry.Retention;
import org.wherefore.api.registry.Traffic;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * {@code wherefore model list|show|promote|rollback|traffic|export|import|prune}: of the running server, or of a home that no server has.
 */
@Component(service = Function.class, property = {"wherefore.command=model",
        "wherefore.command.help=list | show NAME | promote NAME:VERSION | rollback NAME | traffic NAME | export REF FILE | import NAME FILE | prune NAME"})
public class ModelCommand implements Function<List<String>, Integer> {
    static final String USAGE = """
            usage: wherefore model list
                   wherefore model show NAME
                   wherefore model promote NAME:VERSION [--alias ALIAS] [--why TEXT]
                   wherefore model rollback NAME [--alias ALIAS] [--why TEXT]
                   wherefore model traffic NAME [--canary VERSION --percent P] [--shadow VERSION] [--none] [--why TEXT]
                   wherefore model export NAME:VERSION|NAME@ALIAS FILE.zip
                   wherefore model import NAME FILE.zip [--why TEXT]
                   wherefore model prune NAME --keep N [--rollback-targets] [--dry-run] [--why TEXT]
            each with [--home DIR] [--port P] [--json]; the alias is champion unless --alias says other

            examples:
              wherefore model promote ecommerce:5 --why "better on last week"    tries version 5, then lets it answer; the last one is drained
              wherefore model rollback ecommerce                                 back to the version before, again: one further
              wherefore model traffic ecommerce --canary 5 --percent 10          version 5 answers every tenth person, and is taken back if it does worse
              wherefore model traffic ecommerce --shadow 6                       version 6 is asked, too, and never shown; no canary any more
              wherefore model traffic ecommerce --none                           all to the champion
              wherefore model traffic ecommerce                                  what each version did
              wherefore model export ecommerce@champion shop.zip                 for another home:
              wherefore model import ecommerce shop.zip --home other             checked, loaded and tried; no alias moves
              wherefore model prune ecommerce --keep 5 --dry-run                 which versions would go""";
    private final Supplier<Models> models;
    private final PrintStream out;

    @Activate
    public ModelCommand(BundleContext context) {
        this(() -> "tools".equals(context.getProperty("wherefore.mode"))
                ? ServerModels.of(Path.of(context.getProperty("wherefore.home")), Integer.parseInt(context.getProperty("wherefore.port")))
                : HomeModels.of(context), System.out);
    }

    ModelCommand(Supplier<Models> models, PrintStream out) {
        this.models = models;
        this.out = out;
    }

    @Override
    public Integer apply(List<String> args) {
        return Terminal.run(() -> run(args));
    }

    private int run(List<String> args) {
        Arguments a = new Arguments(USAGE, args, Set.of("alias", "why", "canary", "percent", "shadow", "keep"),
                Set.of("json", "none", "rollback-targets", "dry-run"));
        String what = a.positional(0, "what to do", USAGE);
        if (what.equals("help")) {
            out.println(USAGE);
            return 0;
        }
        String why = a.option("why", "");
        String alias = valid("alias", a.option("alias", ModelRef.CHAMPION));
        JsonNode answer = switch (what) {
            case "list" -> list(models.get());
            case "show" -> show(models.get(), name(a));
            case "promote" -> promote(a, alias, why);
            case "rollback" -> rolledBack(models.get().rollback(name(a), alias, why));
            case "traffic" -> traffic(a, why);
            case "export" -> export(a);
            case "import" -> imported(a, why);
            case "prune" -> prune(a, why);
            default -> throw Terminal.usage("there is no 'model " + what + "'\n" + USAGE);
        };
        if (a.flag("json")) {
            out.println(answer);
        }
        return 0;
    }

    private static String name(Arguments a) {
        return valid("model", a.positional(1, "NAME", USAGE));
    }

    private static String valid(String what, String name) {
        if (!name.matches("[a-z0-9][a-z0-9.-]{0,99}") || name.contains("..")) {
            throw Terminal.usage("the name of a" + (what.startsWith("a") ? "n " : " ") + what + " has lower-case letters, digits, '-' and '.', got '"
                    + name + "'");
        }
        return name;
    }

    private static ModelRef ref(Arguments a) {
        try {
            ModelRef ref = ModelRef.parse(a.positional(1, "NAME:VERSION", USAGE));
            valid("model", ref.name());
            if (!ref.alias().isEmpty()) {
                valid("alias", ref.alias());
            }
            return ref;
        } catch (IllegalArgumentException e) {
            throw Terminal.usage(e.getMessage());
        }
    }

    private static int version(Arguments a, String option) {
        int v = a.number(option, 0);
        if (v < 0 || v == 0 && a.flag(option)) {
            throw Terminal.usage("--" + option + " wants a version, 1 or more, got " + v);
        }
        return v;
    }

    private JsonNode list(Models m) {
        JsonNode all = m.list();
        if (all.isEmpty()) {
            out.println("no models yet; train one with: wherefore train DOMAIN --data FILE.json");
        }
        all.forEach(s -> out.println(s.path("name").asText() + "  latest " + s.path("latest").asInt() + aliases(s.path("aliases"))));
        return all;
    }

    private static String aliases(JsonNode aliases) {
        StringBuilder text = new StringBuilder();
        aliases.fields().forEachRemaining(e -> text.append(", ").append(e.getKey()).append(' ').append(e.getValue().asInt()));
        return text.toString();
    }

    private JsonNode show(Models m, String name) {
        JsonNode s = m.show(name);
        for (JsonNode v : s.path("versions")) {
            StringBuilder line = new StringBuilder(name + ":" + v.path("version").asInt() + "  " + v.path("engine").asText() + "  "
                    + v.path("created").asText().replaceFirst("\\.[0-9]+Z", "Z"));
            v.path("aliases").forEach(x -> line.append("  @").append(x.asText()));
            out.println(line);
            out.println("    digest " + v.path("digest").asText());
            JsonNode from = v.path("provenance");
            out.println("    " + (from.has("imported.by") ? "imported from " : "after ") + from.path("parent").asText("none")
                    + ", data " + from.path("dataSet").asText("unknown") + " " + from.path("dataDigest").asText(""));
            StringBuilder metrics = new StringBuilder();
            v.path("metrics").fields().forEachRemaining(e -> metrics.append(metrics.isEmpty() ? "    " : ", ").append(e.getKey()).append(' ')
                    .append(e.getValue().isNumber() ? Terminal.number(e.getValue().asDouble()) : "-"));
            if (!metrics.isEmpty()) {
                out.println(metrics);
            }
        }
        out.println();
        s.path("transitions").forEach(t -> out.println(transition(t)));
        return s;
    }

    private static String transition(JsonNode t) {
        String from = t.path("from").asInt() == 0 ? "" : " from " + t.path("from").asInt();
        String what = switch (t.path("kind").asText()) {
            case "traffic" -> split(t);
            case "delete" -> "deleted " + t.path("from").asInt();
            case "rollback" -> "@" + t.path("alias").asText() + " back" + from + " to " + t.path("to").asInt();
            default -> "@" + t.path("alias").asText() + from + " to " + t.path("to").asInt();
        };
        return t.path("when").asText().replaceFirst("\\.[0-9]+Z", "Z") + "  " + t.path("who").asText() + ": " + what
                + (t.path("why").asText().isEmpty() ? "" : "  (" + t.path("why").asText() + ")");
    }

    private static String split(JsonNode t) {
        String canary = t.path("canary").isObject() ? "canary " + t.path("canary").path("version").asInt() + " at "
                + Terminal.number(t.path("canary").path("percent").asDouble()) + " %" : "no canary";
        return canary + (t.path("shadow").isObject() ? ", shadow " + t.path("shadow").path("version").asInt() : ", no shadow");
    }

    private JsonNode promote(Arguments a, String alias, String why) {
        ModelRef ref = ref(a);
        if (!ref.alias().isEmpty()) {
            throw Terminal.usage("name the version to promote, such as " + ref.name() + ":3");
        }
        JsonNode moved = models.get().promote(ref.name(), ref.version(), alias, why);
        out.println(moved.path("model").asText() + "@" + moved.path("alias").asText() + " is version " + moved.path("version").asInt());
        return moved;
    }

    private JsonNode rolledBack(JsonNode moved) {
        out.println(moved.path("model").asText() + "@" + moved.path("alias").asText() + " is version " + moved.path("version").asInt() + " again");
        return moved;
    }

    private JsonNode traffic(Arguments a, String why) {
        String name = name(a);
        int canary = version(a, "canary");
        int shadow = version(a, "shadow");
        double percent = percent(a);
        if (a.flag("none") && (canary != 0 || shadow != 0)) {
            throw Terminal.usage("--none ends canary and shadow; name neither with it");
        }
        if ((canary != 0) != a.flag("percent")) {
            throw Terminal.usage("--canary VERSION and --percent P come together");
        }
        boolean changes = a.flag("none") || canary != 0 || shadow != 0;
        JsonNode t = changes ? models.get().split(name, new Traffic(canary, percent, shadow), why) : models.get().traffic(name);
        out.println(name + ": champion " + (t.path("champion").isNull() ? "none" : t.path("champion").asInt()) + ", " + split(t));
        if (!changes) {
            figures(t);
        }
        return t;
    }

    private static double percent(Arguments a) {
        String given = a.option("percent", "0");
        try {
            return Double.parseDouble(given);
        } catch (NumberFormatException e) {
            throw Terminal.usage("--percent wants a number, got '" + given + "'");
        }
    }

    private void figures(JsonNode t) {
        for (JsonNode v : t.path("versions")) {
            StringBuilder line = new StringBuilder(String.format("  %-9s %d  %d requests, %d errors, p50 %s ms, p99 %s ms", v.path("role").asText(),
                    v.path("version").asInt(), v.path("requests").asLong(), v.path("errors").asLong(), number(v.path("p50Ms")), number(v.path("p99Ms"))));
            v.path("feedbackPerPrediction").fields().forEachRemaining(e -> line.append(", ").append(e.getKey()).append(' ').append(number(e.getValue())));
            out.println(line);
        }
        JsonNode s = t.path("shadowFigures");
        if (s.isObject()) {
            out.println(String.format("  shadow    %d  %d compared, %d dropped, %d failed, overlap %s, score difference %s, p50 %s ms, p99 %s ms",
                    s.path("version").asInt(), s.path("compared").asLong(), s.path("dropped").asLong(), s.path("failed").asLong(), number(s.path("overlap")),
                    number(s.path("scoreDifference")), number(s.path("p50Ms")), number(s.path("p99Ms"))));
        }
        JsonNode w = t.path("watch");
        if (w.isObject()) {
            out.println("  watched   " + w.path("version").asInt() + (w.has("until") ? "  until " + w.path("until").asText() : ""));
        }
    }

    private static String number(JsonNode v) {
        return v.isNumber() ? Terminal.number(v.asDouble()) : "-";
    }

    private JsonNode export(Arguments a) {
        ModelRef ref = ref(a);
        Path file = Path.of(a.positional(2, "FILE.zip", USAGE)).toAbsolutePath().normalize();
        if (Files.exists(file)) {
            throw new WhereforeException(ErrorCode.CONFLICT, file + " is there already; name another file");
        }
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        try {
            Files.deleteIfExists(unfinished);
            models.get().export(ref, unfinished);
            Files.move(unfinished, file);
            out.println(ref + " is in " + file + ", " + Files.size(file) + " bytes");
            return Json.object().put("model", ref.toString()).put("file", file.toString()).put("bytes", Files.size(file));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't write " + file + ": " + e, e);
        } finally {
            try {
                Files.deleteIfExists(unfinished);
            } catch (IOException e) {
                System.err.println("wherefore: can't remove " + unfinished + ": " + e.getMessage());
            }
        }
    }

    private JsonNode imported(Arguments a, String why) {
        String name = name(a);
        Path file = Path.of(a.positional(2, "FILE.zip", USAGE)).toAbsolutePath().normalize();
        if (!Files.isRegularFile(file)) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "there is no file '" + file + "'");
        }
        JsonNode v = models.get().importArchive(name, file, why);
        out.println("imported " + name + ":" + v.path("version").asInt() + " (" + v.path("engine").asText() + ", " + v.path("digest").asText()
                + "); no alias points to it yet: wherefore model promote " + name + ":" + v.path("version").asInt());
        return v;
    }

    private JsonNode prune(Arguments a, String why) {
        String name = name(a);
        a.required("keep", USAGE);
        Retention retention = new Retention(a.number("keep", 1), a.flag("rollback-targets"));
        JsonNode p = models.get().prune(name, retention, a.flag("dry-run"), why);
        StringBuilder versions = new StringBuilder();
        p.path("versions").forEach(v -> versions.append(versions.isEmpty() ? "" : ", ").append(v.asInt()));
        out.println(name + ": " + (a.flag("dry-run") ? "would delete " : "deleted ") + (versions.isEmpty() ? "nothing" : versions));
        return p;
    }
}
