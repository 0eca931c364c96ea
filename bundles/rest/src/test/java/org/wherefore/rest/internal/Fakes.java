package org.wherefore.rest.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Access;
import org.wherefore.api.access.ApiKey;
import org.wherefore.api.access.ApiKeys;
import org.wherefore.api.access.Audit;
import org.wherefore.api.access.AuditEntry;
import org.wherefore.api.access.Caller;
import org.wherefore.api.access.Change;
import org.wherefore.api.access.Limits;
import org.wherefore.api.access.Role;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.ClaimTest;
import org.wherefore.api.claim.Verdict;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.History;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.explain.GlobalExplanations;
import org.wherefore.api.explain.Quality;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.journal.Feedback;
import org.wherefore.api.journal.FeedbackCount;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.journal.Page;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.Decision;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.Output;
import org.wherefore.api.narrate.Narrator;
import org.wherefore.api.platform.FeatureInfo;
import org.wherefore.api.platform.FeatureOrder;
import org.wherefore.api.platform.FeaturePlan;
import org.wherefore.api.platform.FeatureReport;
import org.wherefore.api.platform.FeatureSet;
import org.wherefore.api.platform.Features;
import org.wherefore.api.plugin.OfferedService;
import org.wherefore.api.plugin.PluginBundle;
import org.wherefore.api.plugin.PluginBundles;
import org.wherefore.api.plugin.PluginChange;
import org.wherefore.api.plugin.Signature;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.predict.PredictionRequest;
import org.wherefore.api.predict.PredictionService;
import org.wherefore.api.predict.Records;
import org.wherefore.api.predict.Strategies;
import org.wherefore.api.predict.StrategyState;
import org.wherefore.api.registry.Import;
import org.wherefore.api.registry.ModelArchives;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.registry.ModelServing;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.ServingState;
import org.wherefore.api.registry.Traffic;
import org.wherefore.api.registry.Transition;
import org.wherefore.api.report.Report;
import org.wherefore.api.report.spi.ReportRenderer;
import org.wherefore.api.train.TrainingResult;
import org.wherefore.api.train.TrainingService;

/** A small shop: two items, one user, two model versions; services answer by name through proxies. */
final class Fakes {
    static final ModelInfo MODEL = new ModelInfo("ecommerce", 2, "fake", "sha256:ab");
    final Services services = new Services();
    final Map<String, Entity> entities = new TreeMap<>();
    final List<Event> events = new ArrayList<>();
    final List<Feedback> feedback = new ArrayList<>();
    final Map<String, StoredPrediction> predictions = new TreeMap<>();
    final Map<String, FeatureInfo> set = new TreeMap<>();
    final Map<String, PluginBundle> plugins = new TreeMap<>();
    final List<Transition> transitions = new ArrayList<>();
    static final Schema TRANSACTIONS = new Schema("transactions", List.of(Field.required("id", FieldType.TEXT), Field.required("time", FieldType.TIME),
            Field.required("amount", FieldType.NUMBER), Field.optional("customer", FieldType.TEXT), Field.optional("tags", FieldType.LIST)));
    final List<Change> audited = new ArrayList<>();
    final List<ApiKey> keys = new ArrayList<>();
    RuntimeException auditFailure;
    Limits limits = Limits.NONE;
    /** Seconds that callers wait for more of each. */
    final Map<Access.Cost, Long> waits = new java.util.EnumMap<>(Access.Cost.class);
    /** Settled model evaluations. */
    double settled;
    PredictionRequest asked;
    List<DataRecord> taken;
    final Map<String, String> labels = new TreeMap<>();
    /** What explanations hold. */
    Finding finding = new Attribution(0, 7.31, 1, List.of(new Contribution("history:50", 0, 1.92, 0)), 0.1, 0.93);
    String contrast = "";
    ExplanationRequest again;
    StrategyState strategy = new StrategyState("occlusion", "1.0.0", "active", "", 0, 0, Instant.EPOCH);
    Consumer<StrategyState> listener;
    RuntimeException failure;
    Traffic traffic = Traffic.NONE;
    Consumer<Transition> models;
    /** Whether somebody else is always faster. */
    boolean overtaken;
    /** What was last measured. */
    GlobalExplanation overall;

    interface Handler {
        Object call(String method, Object[] a);
    }

    static <T> T fake(Class<T> type, Handler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (p, m, a) -> switch (m.getName()) {
            case "hashCode" -> System.identityHashCode(p);
            case "equals" -> p == a[0];
            default -> handler.call(m.getName(), a);
        }));
    }

    @SuppressWarnings("unchecked")
    Fakes() {
        put(new Entity("item", "50", "Star Wars (1977)", Map.of("genre", List.of("Sci-Fi"))));
        put(new Entity("item", "181", "<b>Return</b> of the Jedi (1983)", Map.of()));
        put(new Entity("user", "42", "Ada", Map.of()));
        events.add(new Event("e1", "42", "50", "view", Instant.EPOCH));
        transitions.add(new Transition(1, "ecommerce", "champion", 0, 1, "x", "", Instant.EPOCH));
        transitions.add(new Transition(2, "ecommerce", "champion", 1, 2, "x", "", Instant.EPOCH));
        DomainPack pack = fake(DomainPack.class, (m, a) -> switch (m) {
            case "id" -> "ecommerce";
            case "title" -> "Shop";
            case "tasks" -> List.of("next-item");
            case "modalities", "claimKinds" -> List.of("history");
            case "schemas" -> List.of(new Schema("events", List.of(Field.required("user", FieldType.TEXT))));
            case "classification" -> Optional.empty();
            default -> "fake";
        });
        DomainPack bank = fake(DomainPack.class, (m, a) -> switch (m) {
            case "id" -> "fraud";
            case "title" -> "Bank";
            case "schemas" -> List.of(TRANSACTIONS);
            case "classification" -> Optional.of(new Classification("transactions", "transaction", "id", "time", "fraud", "", List.of("fraud"),
                    List.of("pass", "review", "block")));
            case "tasks", "modalities", "claimKinds" -> List.of("unusual");
            default -> "fake";
        });
        services.records = fake(Records.class, (m, a) -> {
            if (m.equals("label")) {
                if (a[1].equals("unknown")) {
                    missing("there is no transaction 'unknown'");
                }
                labels.put((String) a[1], (String) a[2]);
                return null;
            }
            taken = (List<DataRecord>) a[1];
            return new Records.Taken(1, 1, List.of(new BadRecord(new Location("transaction", 3), "id", "t1", "an id of its own")));
        });
        Explainer explainer = fake(Explainer.class, (m, a) -> switch (m) {
            case "parameters" -> List.of(new Parameter("budget", "integer", "512", "evaluations"));
            case "version" -> "1.0.0";
            default -> "occlusion";
        });
        services.plugins = fake(Plugins.class, (m, a) -> switch (m) {
            case "domains" -> List.of(pack, bank);
            case "domain" -> a[0].equals("ecommerce") ? pack : a[0].equals("fraud") ? bank : missing("there is no domain '" + a[0] + "'");
            case "explainers" -> List.of(explainer);
            case "explainer" -> Set.of("", "occlusion").contains(a[0]) ? explainer : missing("there is no strategy '" + a[0] + "'");
            case "engine" -> missing("there is no engine");
            default -> List.of();
        });
        services.strategies = new Strategies() {
            @Override
            public List<StrategyState> states() {
                return List.of(strategy);
            }

            @Override
            public StrategyState release(String name) {
                if (!name.equals("occlusion")) {
                    missing("there is no strategy '" + name + "'");
                }
                strategy = new StrategyState("occlusion", "1.0.0", "active", "", 0, 0, Instant.EPOCH);
                listener.accept(strategy);
                return strategy;
            }

            @Override
            public Runnable listen(Consumer<StrategyState> to) {
                listener = to;
                return () -> listener = null;
            }
        };
        services.narrator = fake(Narrator.class, (m, a) -> switch (m) {
            case "locales" -> Set.of(Locale.ENGLISH, Locale.CHINESE);
            default -> ((Locale) a[2]).getLanguage().equals("zh") ? "因为" : "Because you watched";
        });
        services.journal = fake(Journal.class, (m, a) -> switch (m) {
            case "entity" -> Optional.ofNullable(entities.get(a[1] + "/" + a[2]));
            case "entities" -> new Page<>(entities.values().stream().filter(e -> e.kind().equals(a[1])).toList(), null);
            case "put" -> put((Entity) a[1]);
            case "delete" -> entities.remove(a[1] + "/" + a[2]) != null;
            case "append" -> append((List<?>) a[1]);
            case "history" -> last(events.stream().filter(e -> e.user().equals(a[1])).toList(), (int) a[2]);
            case "prediction" -> Optional.ofNullable(predictions.get(a[0]));
            case "record" -> a[0] instanceof Feedback f ? predictions.containsKey(f.prediction()) ? feedback.add(f)
                    : missing("there is no prediction") : null;
            case "feedbackCounts" -> List.of(new FeedbackCount("ecommerce", 2, "click", true, 3));
            case "predictionCounts" -> Map.of("ecommerce:2:true", 6L, "ecommerce:2:false", 4L);
            default -> null;
        });
        services.registry = fake(ModelRegistry.class, (m, a) -> switch (m) {
            case "names" -> List.of("ecommerce");
            case "versions" -> a[0].equals("ecommerce") ? List.of(version(1), version(2)) : List.of();
            case "find" -> Optional.of(version(2));
            case "aliases" -> Map.of("champion", moves().get(moves().size() - 1).to());
            case "transitions" -> transitions;
            case "prunable" -> List.of(1);
            case "lease" -> Optional.empty();
            default -> null;
        });
        services.serving = fake(ModelServing.class, (m, a) -> switch (m) {
            case "promote" -> move((String) a[1], (int) a[2], (long) a[3], (String) a[4]);
            case "rollback" -> move((String) a[1], moves().get(moves().size() - 1).from(), (long) a[2], (String) a[3]);
            case "moved" -> a[1].equals("champion") ? moves().get(moves().size() - 1).sequence() : 0L;
            case "split" -> a.length == 1 ? transitions.get(transitions.size() - 1).sequence() : split((Traffic) a[1], (long) a[2]);
            case "state" -> new ServingState("ecommerce", 2, traffic, List.of(new ServingState.Version(2, "champion", Instant.EPOCH, 10, 1, 0.5, Double.NaN, 9,
                    Map.of("click", 0.25))), traffic.shadow() == 0 ? null : new ServingState.Shadow(traffic.shadow(), Instant.EPOCH, 4, 1, 0, 0.75, Double.NaN, 1, 2),
                    traffic.canary(), null);
            case "prune" -> List.of(new Transition(9, "ecommerce", Transition.DELETE, "", 1, 0, null, "rest", "", Instant.EPOCH));
            case "importArchive" -> imported((InputStream) a[1], (String) a[3]);
            case "listen" -> {
                models = (Consumer<Transition>) a[0];
                yield (Runnable) () -> models = null;
            }
            default -> null;
        });
        services.archives = new ModelArchives() {
            @Override
            public void write(ModelRef ref, OutputStream out) {
                try {
                    out.write(("archive of " + ref).getBytes());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public Import read(String name, InputStream in) {
                throw new UnsupportedOperationException();
            }
        };
        services.predictions = fake(PredictionService.class, (m, a) -> {
            if (failure != null) {
                throw failure;
            }
            if (m.equals("explain")) {
                again = (ExplanationRequest) a[2];
                return List.of(explanation());
            }
            asked = (PredictionRequest) a[0];
            if (asked.record() != null) {
                StoredPrediction p = new StoredPrediction("p2", asked.domain(), MODEL, "", asked.record(), List.of(),
                        List.of(new Output(0, "fraud", 1, 2.5, new Decision(0.93, true, "review", 0.41))), List.of(), "", Instant.EPOCH);
                predictions.put("p2", p);
                return p;
            }
            StoredPrediction p = new StoredPrediction("p1", asked.domain(), MODEL, asked.user() == null ? "" : asked.user(), new History(List.of()),
                    List.of(), List.of(new Output(0, "181", 1, 7.31)), asked.explain() == null ? List.of() : List.of(explanation()), "", Instant.EPOCH);
            predictions.put("p1", p);
            return p;
        });
        services.bundles = fake(PluginBundles.class, (m, a) -> switch (m) {
            case "list" -> List.copyOf(plugins.values());
            case "install" -> install((InputStream) a[0]);
            default -> new PluginChange(Optional.ofNullable(plugins.remove(a[0])).orElseThrow(() ->
                    new WhereforeException(ErrorCode.NOT_FOUND, "there is no plugin '" + a[0] + "'")), false, List.of((String) a[0]));
        });
        services.access = fake(Access.class, (m, a) -> switch (m) {
            case "caller" -> caller((String) a[0], (boolean) a[1]);
            case "take" -> waits.getOrDefault(a[1], 0L);
            case "settle" -> settled += (double) a[2];
            case "seal" -> Base64.getUrlEncoder().withoutPadding().encodeToString((a[0] + "|" + a[1]).getBytes(StandardCharsets.UTF_8));
            case "open" -> open((String) a[0], (String) a[1]);
            default -> null;
        });
        services.keys = fake(ApiKeys.class, (m, a) -> switch (m) {
            case "list" -> keys;
            case "create" -> create((String) a[0], a[1], (Limits) a[2], (Instant) a[3], (String) a[4]);
            default -> keys.stream().filter(k -> k.id().equals(a[0])).findFirst().orElseGet(() -> (ApiKey) missing("there is no key of this id"));
        });
        services.audit = fake(Audit.class, (m, a) -> switch (m) {
            case "append" -> audit((Change) a[0]);
            case "read" -> entries((long) a[0], (int) a[1]);
            default -> null;
        });
        services.features = fake(Features.class, (m, a) -> switch (m) {
            case "list" -> new FeatureSet("t" + set.size(), set.values().stream().toList(), 72, 70 + set.size());
            case "stage" -> "archive:ab";
            case "plan" -> plan((FeatureOrder) a[0]);
            default -> change((FeatureOrder) a[0]);
        });
        services.reports = (p, locale) -> new Report("Payment <t1>", "", locale, List.of(new Report.Section("Why", List.of(new Report.Text("a"),
                new Report.Facts(List.of(new Report.Fact("amount", "5.00"))), new Report.Bars("amounts", List.of(new Report.Bar("this", 5, "5.00", true))),
                new Report.Table(List.of("a", "b"), List.of(List.of("1", "2")))))));
        services.renderers = List.of(new ReportRenderer() {
            @Override
            public String mediaType() {
                return "text/html";
            }

            @Override
            public void write(Report report, OutputStream out) throws IOException {
                out.write(("page of " + report.title()).getBytes());
            }
        });
        services.overall = fake(GlobalExplanations.class, (m, a) -> Optional.ofNullable(overall));
        services.training = fake(TrainingService.class, (m, a) ->
                new TrainingResult(version(2), Map.of("hr@10", 0.3), Map.of("popularity", Map.of("hr@10", 0.1)), null, 1.5));
    }

    /** A key is the name of its role; without one, {@code local} answers as anonymous. */
    private Caller caller(String credential, boolean local) {
        if (credential == null && local) {
            return new Caller("anonymous", "local", Set.of(Role.VIEWER), limits);
        }
        for (Role r : Role.values()) {
            if (r.text().equals(credential)) {
                return new Caller("key:" + credential, credential, Set.of(r), limits);
            }
        }
        throw new WhereforeException(ErrorCode.UNAUTHENTICATED, "send a key");
    }

    private static Optional<String> open(String purpose, String sealed) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(sealed), StandardCharsets.UTF_8);
            return text.startsWith(purpose + "|") ? Optional.of(text.substring(purpose.length() + 1)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Object create(String name, Object roles, Limits limits, Instant expires, String by) {
        Set<Role> set = new java.util.HashSet<>();
        ((Set<?>) roles).forEach(r -> set.add((Role) r));
        ApiKey key = new ApiKey("k" + keys.size(), name, set, limits == null ? Limits.NONE : limits, Instant.EPOCH, by, expires, null);
        keys.add(key);
        return new ApiKeys.Created(key, "wf_planted-secret");
    }

    private Object audit(Change change) {
        if (auditFailure != null) {
            throw auditFailure;
        }
        audited.add(change);
        return null;
    }

    private List<AuditEntry> entries(long before, int limit) {
        List<AuditEntry> out = new ArrayList<>();
        for (long s = before == 0 ? audited.size() : before - 1; s >= 1 && out.size() < limit; s--) {
            out.add(new AuditEntry(s, Instant.EPOCH, audited.get((int) s - 1), "0".repeat(64), "1".repeat(64)));
        }
        return out;
    }

    private FeaturePlan plan(FeatureOrder order) {
        if (order.remove().contains("base")) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "feature 'base' is a part that the others stand on");
        }
        return new FeaturePlan("t" + set.size(), order.install(), List.of(), order.remove(),
                List.of(new FeaturePlan.Step("install", "com.example.fraud", "1.0.0", "part of fraud")));
    }

    private FeatureReport change(FeatureOrder order) {
        FeaturePlan plan = plan(order);
        order.install().forEach(n -> set.put(n, new FeatureInfo(n, "g:" + n + ":1", n, "installed", "archive", "running", List.of("base"),
                List.of(new FeatureInfo.Bundle("g:b:1", List.of(n), Signature.UNSIGNED)))));
        order.remove().forEach(set::remove);
        return new FeatureReport(plan, "t" + set.size(), List.of("com.example.fraud 1.0.0"), List.of(), List.of());
    }

    /** A jar is the text of its symbolic name. */
    private PluginChange install(InputStream jar) {
        try {
            String name = new String(jar.readAllBytes());
            PluginBundle b = new PluginBundle(name, "1.0.0", "active", List.of(new OfferedService(Explainer.class.getName(), "mine")), "sha256:ab",
                    new Signature(Signature.UNSIGNED, "", "nobody signed it"), List.of());
            return new PluginChange(b, plugins.put(name, b) != null, List.of(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object missing(String what) {
        throw new WhereforeException(ErrorCode.NOT_FOUND, what);
    }

    private static List<Event> last(List<Event> all, int limit) {
        return all.subList(Math.max(0, all.size() - limit), all.size());
    }

    private Object put(Entity e) {
        return entities.put(e.kind() + "/" + e.id(), e);
    }

    private int append(List<?> more) {
        int n = 0;
        for (Object o : more) {
            if (events.stream().noneMatch(e -> e.id().equals(((Event) o).id()))) {
                events.add((Event) o);
                n++;
            }
        }
        return n;
    }

    private List<Transition> moves() {
        return transitions.stream().filter(t -> !t.kind().equals(Transition.TRAFFIC)).toList();
    }

    private Transition move(String alias, int to, long seen, String who) {
        return tell(new Transition(transitions.size() + 1, "ecommerce", alias, moves().get(moves().size() - 1).to(), to, who, "", Instant.EPOCH), seen);
    }

    private Transition split(Traffic to, long seen) {
        Transition t = tell(new Transition(transitions.size() + 1, "ecommerce", Transition.TRAFFIC, "", traffic.canary(), to.canary(), to, "rest", "",
                Instant.EPOCH), seen);
        traffic = to;
        return t;
    }

    private Transition tell(Transition t, long seen) {
        if (overtaken || seen != ModelServing.ANY && seen > transitions.size()) {
            throw new WhereforeException(ErrorCode.CONFLICT, "If-Match", "it moved since you read it; read it again", null);
        }
        transitions.add(t);
        if (models != null) {
            models.accept(t);
        }
        return t;
    }

    /** An archive is refused when it begins with a bang. */
    private static ModelVersion imported(InputStream in, String why) {
        try {
            String text = new String(in.readAllBytes());
            if (text.startsWith("!")) {
                throw new WhereforeException(ErrorCode.BAD_DATA, "the archive has the entry 'x' twice; nothing was imported");
            }
            return new ModelVersion(new ModelInfo("ecommerce", 3, "fake", "sha256:ab"), Instant.EPOCH, Map.of("imported.why", why, "parent", text), Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModelVersion version(int v) {
        return new ModelVersion(new ModelInfo("ecommerce", v, "fake", "sha256:ab"), Instant.EPOCH, Map.of("seed", "7"), Map.of("hr@10", 0.3, "x", Double.NaN));
    }

    private Explanation explanation() {
        return new Explanation("complete", "", "occlusion", "1.0.0", 7, MODEL,
                finding,
                List.of(new Claim("history", "181", List.of("50"), Map.of("n", "1"), new ClaimTest("remove-events", Map.of("scoreBefore", 7.31)), Verdict.SUPPORTED)),
                0, new Quality(Double.NaN, 1, 9), contrast);
    }
}
